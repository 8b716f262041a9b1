# Helpers of generate_more.R.
# A case is R code (a string, evaluated exactly as stored in "r_call") plus an extractor that turns
# the fitted objects into named numbers. Same idea as conformance_lib.R.
suppressPackageStartupMessages({ library(survival); library(jsonlite) })
options(stringsAsFactors = FALSE, digits = 17, warn = 1, contrasts = c("contr.treatment", "contr.poly"))
invisible(Sys.setlocale("LC_COLLATE", "C")); Sys.setenv(TZ = "UTC")
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
dir.create("data", showWarnings = FALSE)
TOPICS <- new.env(parent = emptyenv())

vec <- function(x) {                       # always a JSON array
  if (is.null(x)) return(NULL)
  x <- unname(x)
  if (is.factor(x)) x <- as.character(x)
  if (is.numeric(x)) x[!is.finite(x)] <- NA
  I(as.vector(x))
}
num <- function(x) {                       # a JSON number (or null)
  if (is.null(x) || length(x) == 0) return(NA_real_)
  x <- as.numeric(unname(x))[1]
  if (!is.finite(x)) NA_real_ else x
}
named <- function(x) lapply(as.list(x), num)
mat <- function(m) { m <- unclass(as.matrix(m)); m <- matrix(as.double(m), nrow(m)); m[!is.finite(m)] <- NA; m }
cols <- function(d) { d <- as.data.frame(d); o <- lapply(d, vec); names(o) <- names(d); o }   # columns -> arrays
emit <- function(topic, case) {
  cur <- if (exists(topic, TOPICS, inherits = FALSE)) get(topic, TOPICS) else list()
  if (case$id %in% vapply(cur, function(z) z$id, "")) stop("duplicate id ", case$id)
  assign(topic, c(cur, list(case)), TOPICS)
  invisible(case)
}
write_topics <- function(dir = ".") for (t in sort(ls(TOPICS))) {
  x <- get(t, TOPICS)
  writeLines(toJSON(x, digits = NA, auto_unbox = TRUE, null = "null", na = "null", pretty = 1), file.path(dir, paste0(t, ".json")))
  cat(sprintf("%-28s %3d cases\n", paste0(t, ".json"), length(x)))
}
write_data <- function(d, name) {
  d <- as.data.frame(d); names(d) <- gsub("[.]", "_", names(d))
  for (j in names(d)) { if (is.factor(d[[j]])) d[[j]] <- as.character(d[[j]]); if (is.logical(d[[j]])) d[[j]] <- as.integer(d[[j]])
    if (is.double(d[[j]])) d[[j]] <- ifelse(is.na(d[[j]]), NA, formatC(d[[j]], digits = 15, format = "g", width = 1)) }
  write.csv(d, file.path("data", name), row.names = FALSE, na = "", quote = FALSE)
  invisible(file.path("data", name))
}
run_code <- function(code) {
  env <- new.env(parent = globalenv()); w <- character(0); e <- NULL; txt <- paste(code, collapse = "\n")
  tryCatch(withCallingHandlers(eval(parse(text = txt), env),
    warning = function(c) { w <<- c(w, conditionMessage(c)); invokeRestart("muffleWarning") },
    message = function(c) invokeRestart("muffleMessage")), error = function(c) e <<- conditionMessage(c))
  list(env = env, warnings = unique(trimws(w)), error = if (is.null(e)) NULL else trimws(e), code = txt)
}
q_ <- function(x) paste0("c(", paste(if (is.character(x)) dQuote(x, FALSE) else vapply(x, function(v) format(v, digits = 15), ""), collapse = ", "), ")")
factor_lines <- function(factors) unlist(lapply(names(factors), function(f)
  sprintf("d$%s <- factor(d$%s, levels = %s)", f, f, q_(factors[[f]]))))
add_case <- function(topic, id, data, code, args, extract, rtol = 1e-6, atol = 1e-10, subset = NULL, subset_r = NULL,
                     factors = list(), note = NULL, rtol_by_field = NULL, atol_by_field = NULL, keep_warnings = FALSE, show_error = FALSE) {
  full <- c(if (!is.null(data)) sprintf('d <- read.csv("%s", na.strings = "")', data),
            if (!is.null(subset_r)) sprintf("d <- subset(d, %s)", subset_r), factor_lines(factors), code)
  r <- run_code(full)
  if (!is.null(r$error) && !show_error) stop(topic, " / ", id, ": ", r$error)
  expected <- if (is.null(r$error)) extract(r$env) else list(error = r$error)
  if (length(r$warnings)) { if (keep_warnings) expected$warnings <- vec(r$warnings)
    else cat("   [", topic, id, "] warning:", r$warnings[1], "\n") }
  if (length(factors)) args$factors <- lapply(factors, function(l) vec(as.character(l)))
  case <- list(id = id, data = data)
  if (!is.null(subset)) case$subset <- subset
  case$r_call <- r$code; case$args <- args; case$expected <- expected; case$rtol <- rtol; case$atol <- atol
  if (!is.null(rtol_by_field)) case$rtol_by_field <- rtol_by_field
  if (!is.null(atol_by_field)) case$atol_by_field <- atol_by_field
  if (!is.null(note)) case$note <- note
  emit(topic, case)
}
# ---- model terms in words
term_info <- function(rhs, factors = list()) {
  f <- as.formula(paste("~", rhs)); tl <- attr(terms(f), "term.labels")
  one <- function(t) {
    if (grepl("^(strata|cluster|tt|offset)\\(", t) || grepl("|", t, fixed = TRUE)) return(NULL)
    if (grepl(":", t) && !grepl("\\(", t)) return(list(kind = "interaction", of = vec(strsplit(t, ":")[[1]])))
    e <- parse(text = t)[[1]]
    if (is.name(e)) { nm <- as.character(e)
      if (nm %in% names(factors)) return(list(kind = "factor", column = nm, levels = vec(as.character(factors[[nm]])), reference = as.character(factors[[nm]])[1]))
      return(list(kind = "numeric", column = nm)) }
    fn <- as.character(e[[1]])
    if (fn == "I" && is.call(e[[2]]) && as.character(e[[2]][[1]]) == "/") return(list(kind = "scaled", column = as.character(e[[2]][[2]]), divide_by = eval(e[[2]][[3]])))
    if (fn == "I" && is.call(e[[2]]) && as.character(e[[2]][[1]]) == "^") return(list(kind = "power", column = as.character(e[[2]][[2]]), exponent = eval(e[[2]][[3]])))
    if (fn %in% c("log", "log2", "log1p", "sqrt")) return(list(kind = fn, column = all.vars(e)[1]))
    list(kind = "expression", r = t)
  }
  o <- lapply(tl, one); o[!vapply(o, is.null, TRUE)]
}
P4 <- list(p = 1e-4)

# ---------------------------------------------------------------- 1. time-varying data
split_case <- function(id, data, time, event, cut, idcol = "id", episode = NULL, zero = 0, start = NULL, keep, factors = list(),
                       subset = NULL, subset_r = NULL, note = NULL, show = 40, add_id = TRUE) {
  lhs <- if (is.null(start)) sprintf("Surv(%s, %s)", time, event) else sprintf("Surv(%s, %s, %s)", start, time, event)
  code <- c(sprintf("s <- survSplit(%s ~ ., data = d, cut = %s%s%s%s%s)", lhs, q_(cut), if (add_id) sprintf(", id = \"%s\"", idcol) else "",
      if (!is.null(episode)) sprintf(", episode = \"%s\"", episode) else "", if (zero != 0) sprintf(", zero = %s", zero) else "",
      if (is.null(start)) ", start = \"tstart\"" else ""))
  st <- if (is.null(start)) "tstart" else start
  add_case("time_varying", id, data, code, list(analysis = "surv_split", time = time, event = event, start = start, cut = vec(cut), id = idcol,
      id_is_added = add_id, episode = episode, zero = zero, keep = vec(keep)),
    function(e) { s <- e$s; cc <- c(idcol, keep, st, time, event, episode)
      list(n_rows = nrow(s), n_input = nrow(e$d), total_time = sum(s[[time]] - s[[st]]), total_events = sum(s[[event]]),
        rows_per_episode = if (!is.null(episode)) vec(as.vector(table(s[[episode]]))), episode_values = if (!is.null(episode)) vec(as.integer(names(table(s[[episode]])))),
        column_order = vec(names(s)), first_rows = cols(head(s[, cc], show)), last_rows = cols(tail(s[, cc], 6))) },
    rtol = 1e-10, subset = subset, subset_r = subset_r, factors = factors, note = note)
}
# steps: list of list(kind, name, time, value, init); data2 holds the series
tmerge_case <- function(id, data, data2, idcol, tstop, tstart = NULL, event = NULL, steps, options = list(), subset = NULL, subset_r = NULL, note = NULL, show = 40, keep = character(0),
                        fit = NULL) {
  s2 <- vapply(steps, function(s) sprintf("%s = %s(%s%s%s)", s$name, s$kind, s$time, if (!is.null(s$value)) paste0(", ", s$value) else "",
      if (!is.null(s$init)) paste0(", ", s$init) else ""), "")
  op <- if (length(options)) paste0(", options = list(", paste(names(options), "=", unlist(options), collapse = ", "), ")") else ""
  code <- c(sprintf('d2 <- read.csv("%s", na.strings = "")', data2),
    sprintf("m <- tmerge(d[, %s], d, id = %s, %s%ststop = %s)", q_(c(idcol, keep)), idcol, if (!is.null(event)) sprintf("%s = event(%s, %s), ", event$name, tstop, event$value) else "",
      if (!is.null(tstart)) sprintf("tstart = %s, ", tstart) else "", tstop),
    sprintf("m <- tmerge(m, d2, id = %s, %s%s)", idcol, paste(s2, collapse = ", "), op), fit)
  add_case("time_varying", id, data, code, list(analysis = "tmerge", data2 = data2, id = idcol, tstop = tstop, tstart = tstart, event = event, steps = steps, options = if (length(options)) options else NULL, keep = vec(keep)),
    function(e) { m <- e$m; cc <- c(idcol, "tstart", "tstop", if (!is.null(event)) event$name, vapply(steps, function(s) s$name, ""))
      tc <- attr(m, "tm.retain")$tcount; if (is.null(tc)) tc <- attr(m, "tcount")
      o <- list(n_rows = nrow(m), total_time = sum(m$tstop - m$tstart), first_rows = cols(head(m[, cc], show)), last_rows = cols(tail(m[, cc], 6)))
      if (!is.null(event)) o$total_events <- sum(m[[event$name]])
      if (!is.null(tc)) { tc <- tc[rownames(tc) %in% cc, , drop = FALSE]; o$tcount <- list(rows = vec(rownames(tc)), columns = vec(colnames(tc)), values = mat(tc)) }
      if (!is.null(fit)) o$cox <- ex_cox(e$fit)
      o }, rtol = 1e-8, subset = subset, subset_r = subset_r, note = note, rtol_by_field = list(cox = 1e-6, p = 1e-4))
}
ex_cox <- function(fit) { na0 <- function(v) { v[is.na(coef(fit))] <- NA; v }; s <- summary(fit); cf <- s$coefficients; rb <- !is.null(fit$naive.var)
  o <- list(n = fit$n, nevent = fit$nevent, terms = vec(names(coef(fit))), coef = vec(coef(fit)), se = vec(na0(sqrt(diag(as.matrix(if (rb) fit$naive.var else fit$var))))),
    robust_se = if (rb) vec(sqrt(diag(as.matrix(fit$var)))) else NULL, z = vec(cf[, "z"]), p = vec(cf[, ncol(cf)]), vcov = mat(fit$var),
    loglik_null = num(fit$loglik[1]), loglik = num(fit$loglik[length(fit$loglik)]), lr_test = list(stat = num(s$logtest[1]), df = num(s$logtest[2]), p = num(s$logtest[3])),
    score_test = list(stat = num(s$sctest[1]), df = num(s$sctest[2]), p = num(s$sctest[3])), wald_test = list(stat = num(fit$wald.test), df = num(s$waldtest[2]), p = num(pchisq(fit$wald.test, s$waldtest[2], lower.tail = FALSE))))
  o }
cox_code <- function(lhs, rhs, extra = "", name = "fit", data = "d") sprintf("%s <- coxph(%s ~ %s, data = %s, control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 60)%s)", name, lhs, rhs, data, extra)
tt_case <- function(id, data, time, event, rhs, tt, fun_r, fun_words, ties = "efron", factors = list(), subset = NULL, subset_r = NULL, note = NULL) {
  code <- cox_code(sprintf("Surv(%s, %s)", time, event), paste0(rhs, " + tt(", tt, ")"), sprintf(", ties = \"%s\", tt = %s", ties, fun_r))
  add_case("time_varying", id, data, code, list(analysis = "coxph_tt", time = time, event = event, terms = term_info(rhs, factors), tt_column = tt, tt_function = fun_words, ties = ties),
    function(e) { o <- ex_cox(e$fit); o$n <- NULL; o$nevent <- sum(e$d[[event]][complete.cases(e$d[, all.vars(as.formula(paste("~", rhs, "+", tt, "+", time)))])]); o }, subset = subset, subset_r = subset_r, factors = factors, note = note, rtol_by_field = P4)
}
step_case <- function(id, data, time, event, cut, column, other = NULL, ties = "efron", factors = list(), subset = NULL, subset_r = NULL, note = NULL) {
  code <- c(sprintf("s <- survSplit(Surv(%s, %s) ~ ., data = d, cut = %s, episode = \"ep\", start = \"tstart\")", time, event, q_(cut)),
    sprintf("for (k in seq_len(%d)) s[[paste0(\"%s_ep\", k)]] <- s$%s * (s$ep == k)", length(cut) + 1, column, column),
    cox_code(sprintf("Surv(tstart, %s, %s)", time, event), paste(c(other, paste0(column, "_ep", seq_len(length(cut) + 1))), collapse = " + "), sprintf(", ties = \"%s\"", ties), data = "s"),
    cox_code(sprintf("Surv(tstart, %s, %s)", time, event), paste(c(other, column), collapse = " + "), sprintf(", ties = \"%s\"", ties), name = "fit0", data = "s"), "a <- anova(fit0, fit)")
  add_case("time_varying", id, data, code, list(analysis = "cox_step_function", time = time, event = event, cut = vec(cut), column = column, other_terms = if (is.null(other)) NULL else term_info(other, factors), ties = ties),
    function(e) c(ex_cox(e$fit), list(constant_effect = ex_cox(e$fit0)[c("coef", "se", "loglik")], lr_against_constant = list(stat = num(e$a[2, "Chisq"]), df = num(e$a[2, "Df"]), p = num(e$a[2, ncol(e$a)])))),
    subset = subset, subset_r = subset_r, factors = factors, note = note, rtol_by_field = P4)
}

# ---------------------------------------------------------------- 2. Cox, left-overs
coxm <- function(id, data, time, event, rhs, kind = "coxph", ties = "efron", start = NULL, cluster = NULL, weights = NULL, factors = list(), subset = NULL, subset_r = NULL,
                 cox_subset = NULL, cox_subset_words = NULL, strata = NULL, level = 0.95, note = NULL) {
  lhs <- if (is.null(start)) sprintf("Surv(%s, %s)", time, event) else sprintf("Surv(%s, %s, %s)", start, time, event)
  rh <- paste0(rhs, if (!is.null(strata)) paste0(" + strata(", paste(strata, collapse = ", "), ")"))
  code <- c(cox_code(lhs, rh, paste0(", ties = \"", ties, "\"", if (!is.null(weights)) paste0(", weights = ", weights), if (!is.null(cluster)) paste0(", cluster = ", cluster),
     if (!is.null(cox_subset)) paste0(", subset = ", cox_subset))), "s <- summary(fit)", sprintf("ci <- confint(fit, level = %s)", level))
  add_case("cox_more", id, data, code, list(analysis = kind, time = time, event = event, start = start, terms = term_info(rhs, factors), strata = if (!is.null(strata)) vec(strata), ties = ties, weights = weights, cluster = cluster,
      fit_subset = cox_subset_words, conf_level = level),
    function(e) { o <- ex_cox(e$fit); s <- e$s; k <- extractAIC(e$fit)
      o$n_omitted <- length(e$fit$na.action); o$confint <- list(lower = vec(e$ci[, 1]), upper = vec(e$ci[, 2])); o$hr <- vec(exp(coef(e$fit)))
      o$aic <- num(AIC(e$fit)); o$bic <- num(BIC(e$fit)); o$extract_aic_edf <- num(k[1])
      o$r2 <- named(s$rsq); names(o$r2) <- c("nagelkerke_cox_snell", "max")
      o$concordance <- num(s$concordance[1]); o$concordance_se <- num(s$concordance[2])
      if (ties == "exact") { o$concordance_se <- NULL }
      o }, subset = subset, subset_r = subset_r, factors = factors, note = note, rtol_by_field = P4)
}
clogit_case <- function(id, data, event, rhs, stratum, method = "exact", factors = list(), subset = NULL, subset_r = NULL, weights = NULL, note = NULL) {
  code <- c(sprintf("fit <- clogit(%s ~ %s + strata(%s), data = d, method = \"%s\"%s, control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 60))", event, rhs, stratum, method, if (!is.null(weights)) paste0(", weights = ", weights) else ""), "ci <- exp(confint(fit))")
  add_case("cox_more", id, data, code, list(analysis = "conditional_logistic", event = event, terms = term_info(rhs, factors), stratum = stratum, method = method, weights = weights),
    function(e) { o <- ex_cox(e$fit); o$odds_ratio <- vec(exp(coef(e$fit))); o$or_lower <- vec(e$ci[, 1]); o$or_upper <- vec(e$ci[, 2]); o$aic <- num(AIC(e$fit)); o$n_omitted <- length(e$fit$na.action); o },
    subset = subset, subset_r = subset_r, factors = factors, note = note, rtol_by_field = P4)
}
curve_case <- function(id, data, lhs, rhs, times, probs = c(0.25, 0.5, 0.75), id_col = NULL, start_time = NULL, conf_type = "log", factors = list(), subset = NULL, subset_r = NULL, note = NULL, level = 0.95, show = 15) {
  code <- c(sprintf("fit <- survfit(%s ~ %s, data = d, conf.type = \"%s\", conf.int = %s%s%s)", lhs, rhs, conf_type, level, if (!is.null(id_col)) paste0(", id = ", id_col) else "", if (!is.null(start_time)) paste0(", start.time = ", start_time) else ""),
    sprintf("s <- summary(fit, times = %s, extend = TRUE)", q_(times)), sprintf("q <- quantile(fit, probs = %s)", q_(probs)))
  v <- all.vars(parse(text = lhs))
  add_case("cox_more", id, data, code, list(analysis = "kaplan_meier", start = if (length(v) == 3) v[1], time = v[length(v) - 1], event = v[length(v)], group = if (rhs != "1") vec(rhs), id = id_col, start_time = start_time, conf_type = conf_type, conf_level = level, times = vec(times), probs = vec(probs)),
    function(e) { f <- e$fit; ng <- max(1, length(f$strata)); gi <- if (is.null(f$strata)) rep(1, length(f$time)) else rep(seq_len(ng), f$strata); si <- if (is.null(e$s$strata)) rep(1, length(e$s$time)) else as.integer(e$s$strata)
      tb <- summary(f)$table; if (is.null(dim(tb))) tb <- t(as.matrix(tb))
      o <- lapply(seq_len(ng), function(g) { k <- which(si == g); j <- head(which(gi == g), show); qq <- lapply(e$q, function(m) if (is.matrix(m)) m[g, ] else m)
        list(records = num(tb[g, "records"]), n_start = num(tb[g, "n.start"]), events = num(tb[g, "events"]), median = num(tb[g, "median"]), median_lower = num(tb[g, grep("LCL", colnames(tb))]), median_upper = num(tb[g, grep("UCL", colnames(tb))]),
          at_times = list(times = vec(e$s$time[k]), n_risk = vec(e$s$n.risk[k]), n_event_since_previous = vec(e$s$n.event[k]), n_censor_since_previous = vec(e$s$n.censor[k]), surv = vec(e$s$surv[k]), std_err = vec(e$s$std.err[k]), lower = vec(e$s$lower[k]), upper = vec(e$s$upper[k])),
          quantiles = list(time = vec(qq$quantile), lower = vec(qq$lower), upper = vec(qq$upper)),
          curve_first = list(n_times = sum(gi == g), time = vec(f$time[j]), n_risk = vec(f$n.risk[j]), n_event = vec(f$n.event[j]), n_censor = vec(f$n.censor[j]), n_enter = if (!is.null(f$n.enter)) vec(f$n.enter[j]), surv = vec(f$surv[j]))) })
      names(o) <- if (is.null(f$strata)) "all" else names(f$strata); list(groups = o) },
    subset = subset, subset_r = subset_r, factors = factors, note = note, rtol = 1e-8)
}
nd_code <- function(newdata, factors = list()) paste0("nd <- data.frame(", paste(vapply(names(newdata), function(n) paste0(n, " = ", if (n %in% names(factors)) sprintf("factor(%s, levels = %s)", q_(newdata[[n]]), q_(factors[[n]])) else q_(newdata[[n]])), ""), collapse = ", "), ")")
cox_quant_case <- function(id, data, lhs, rhs, newdata, probs, times, ties = "efron", conf_type = "log", level = 0.95, factors = list(), subset = NULL, subset_r = NULL, note = NULL, strata = NULL) {
  rh <- paste0(rhs, if (!is.null(strata)) paste0(" + strata(", strata, ")"))
  code <- c(cox_code(lhs, rh, sprintf(", ties = \"%s\"", ties)), nd_code(newdata, factors), sprintf("sf <- survfit(fit, newdata = nd, conf.type = \"%s\", conf.int = %s)", conf_type, level),
    sprintf("q <- quantile(sf, probs = %s)", q_(probs)), sprintf("s <- summary(sf, times = %s)", q_(times)))
  v <- all.vars(parse(text = lhs))
  add_case("cox_more", id, data, code, list(analysis = "cox_curve_quantiles", start = if (length(v) == 3) v[1], time = v[length(v) - 1], event = v[length(v)], terms = term_info(rhs, factors), strata = strata, ties = ties, newdata = lapply(newdata, vec), conf_type = conf_type, conf_level = level, probs = vec(probs), times = vec(times)),
    function(e) { m <- function(x) if (is.matrix(x)) mat(x) else mat(t(x)); k <- length(times)
      mm <- function(x) mat(matrix(x, ncol = k, byrow = TRUE))
      o <- list(rows = "one row per newdata row, one column per probability", quantile = m(e$q$quantile), lower = m(e$q$lower), upper = m(e$q$upper))
      if (is.null(strata)) { o$n_risk <- vec(e$s$n.risk); o$n_event_since_previous <- vec(e$s$n.event); o$surv <- if (is.matrix(e$s$surv)) mat(t(e$s$surv)) else mat(t(e$s$surv)); o$std_err <- mat(t(as.matrix(e$s$std.err))) }
      o }, subset = subset, subset_r = subset_r, factors = factors, note = note)
}

# ---------------------------------------------------------------- 3. survreg
survreg_case <- function(id, data, surv, rhs, dist, newdata = NULL, scale = 0, strata = NULL, weights = NULL, quant = c(0.1, 0.5, 0.9), factors = list(), subset = NULL, subset_r = NULL, surv_words, note = NULL, rtol = 1e-5, parms = NULL) {
  rh <- paste0(rhs, if (!is.null(strata)) paste0(" + strata(", strata, ")"))
  code <- c(sprintf("fit <- survreg(%s ~ %s, data = d, dist = \"%s\"%s%s%s, control = survreg.control(rel.tolerance = 1e-12, maxiter = 200))", surv, rh, dist, if (scale != 0) paste0(", scale = ", scale) else "", if (!is.null(weights)) paste0(", weights = ", weights) else "", if (!is.null(parms)) paste0(", parms = ", parms) else ""),
    "s <- summary(fit)", if (!is.null(newdata)) c(nd_code(newdata, factors), "pr <- predict(fit, nd, type = \"response\", se.fit = TRUE)", "pl <- predict(fit, nd, type = \"lp\", se.fit = TRUE)",
      sprintf("pq <- predict(fit, nd, type = \"quantile\", p = %s, se.fit = TRUE)", q_(quant)), sprintf("pu <- predict(fit, nd, type = \"uquantile\", p = %s, se.fit = TRUE)", q_(quant))))
  add_case("survreg", id, data, code, list(analysis = "survreg", outcome = surv_words, terms = if (rhs == "1") list() else term_info(rhs, factors), distribution = dist, df_t = parms, fixed_scale = if (scale != 0) scale, scale_strata = strata, weights = weights, newdata = if (!is.null(newdata)) lapply(newdata, vec), quantile_p = if (!is.null(newdata)) vec(quant)),
    function(e) { f <- e$fit; tb <- e$s$table; nb <- length(coef(f))
      o <- list(n = length(f$linear.predictors), terms = vec(rownames(tb)), table_value = vec(tb[, 1]), table_se = vec(tb[, 2]), table_z = vec(tb[, 3]), table_p = vec(tb[, 4]),
        coef = vec(coef(f)), scale = vec(f$scale), loglik_intercept_only = num(f$loglik[1]), loglik = num(f$loglik[2]), df_total = f$df, n_omitted = length(f$na.action), vcov = mat(f$var), aic = num(AIC(f)), bic = num(BIC(f)), lr_test = if (rhs != "1") list(stat = num(e$s$chi), df = num(e$s$df - e$s$idf), p = num(pchisq(e$s$chi, e$s$df - e$s$idf, lower.tail = FALSE))) else NULL)
      if (!is.null(newdata)) { m <- function(x) mat(if (is.null(dim(x))) t(x) else x)
        o$predict <- list(response = vec(e$pr$fit), response_se = vec(e$pr$se.fit), lp = vec(e$pl$fit), lp_se = vec(e$pl$se.fit), quantile = m(e$pq$fit), quantile_se = m(e$pq$se.fit), uquantile = m(e$pu$fit), uquantile_se = m(e$pu$se.fit)) }
      if (dist == "weibull" && is.null(strata)) o$as_proportional_hazards <- list(shape = num(1 / f$scale), log_hr = vec(-coef(f)[-1] / f$scale))
      o }, subset = subset, subset_r = subset_r, factors = factors, note = note, rtol = rtol, rtol_by_field = list(table_p = 1e-3, p = 1e-3), atol_by_field = list(vcov = 1e-8))
}

# ---------------------------------------------------------------- 4. weighted log-rank, MaxCombo, expected survival
WLR <- c("wlr <- function(time, status, group, weight, p = 0, q = 0) {",
 "  g <- factor(group); k <- nlevels(g); tt <- sort(unique(time[status == 1]))",
 "  Y <- sapply(levels(g), function(l) sapply(tt, function(t) sum(time >= t & g == l)))",
 "  D <- sapply(levels(g), function(l) sapply(tt, function(t) sum(time == t & status == 1 & g == l)))",
 "  n <- rowSums(Y); d <- rowSums(D)",
 "  km <- cumprod(1 - d / n); left <- c(1, km[-length(km)]); peto <- cumprod(1 - d / (n + 1))",
 "  w <- switch(weight, logrank = rep(1, length(tt)), gehan_breslow = n, tarone_ware = sqrt(n), peto_peto = peto, modified_peto = peto * n / (n + 1), fh = left^p * (1 - left)^q)",
 "  U <- colSums(w * (D - Y * d / n)); f <- ifelse(n > 1, w^2 * d * (n - d) / (n - 1), 0)",
 "  V <- matrix(0, k, k); for (i in 1:k) for (j in 1:k) V[i, j] <- sum(f * (Y[, i] / n) * ((i == j) - Y[, j] / n))",
 "  x <- drop(U[-1] %*% solve(V[-1, -1, drop = FALSE]) %*% U[-1])",
 "  list(groups = levels(g), n = as.vector(table(g)), observed = colSums(D), U = U, V = V, chisq = x, df = k - 1, p = pchisq(x, k - 1, lower.tail = FALSE), weights = w, times = tt, var1 = f * (Y[, 2] / n) * (1 - Y[, 2] / n) / w^2)",
 "}")
wlr_case <- function(id, data, time, event, group, weight, p = 0, q = 0, subset = NULL, subset_r = NULL, note = NULL, factors = list()) {
  code <- c(WLR, sprintf("d <- d[complete.cases(d[, c(\"%s\", \"%s\", \"%s\")]), ]", time, event, group), sprintf("r <- wlr(d$%s, d$%s, d$%s, \"%s\"%s)", time, event, group, weight, if (weight == "fh") sprintf(", %s, %s", p, q) else ""))
  add_case("weighted_logrank", id, data, code, list(analysis = "weighted_logrank", time = time, event = event, group = group, weight = weight, fh_p = if (weight == "fh") p, fh_q = if (weight == "fh") q),
    function(e) { r <- e$r; o <- list(groups = vec(r$groups), n = vec(r$n), observed = vec(r$observed), weighted_o_minus_e = vec(r$U), var = mat(r$V), chisq = r$chisq, df = r$df, p = r$p, weights_first10 = vec(head(r$weights, 10)))
      if (r$df == 1) { o$z <- r$U[[2]] / sqrt(r$V[2, 2]) }; o }, subset = subset, subset_r = subset_r, factors = factors, note = note, rtol = 1e-8, rtol_by_field = list(p = 1e-6))
}
maxcombo_case <- function(id, data, time, event, group, pq = list(c(0, 0), c(1, 0), c(0, 1), c(1, 1)), subset = NULL, subset_r = NULL, note = NULL) {
  code <- c(WLR, sprintf("one <- function(pq) wlr(d$%s, d$%s, d$%s, \"fh\", pq[1], pq[2])", time, event, group), sprintf("r <- lapply(list(%s), one)", paste(vapply(pq, q_, ""), collapse = ", ")),
    "z <- sapply(r, function(x) x$U[[2]] / sqrt(x$V[2, 2]))", "W <- sapply(r, function(x) x$weights); v <- r[[1]]$var1",
    "C <- t(W) %*% (v * W); R <- cov2cor(C)", "zmax <- max(abs(z))", "set.seed(1); p_two_sided <- 1 - mvtnorm::pmvnorm(lower = -rep(zmax, length(z)), upper = rep(zmax, length(z)), corr = R, algorithm = mvtnorm::GenzBretz(maxpts = 5e6, abseps = 1e-9))",
    "zmin <- min(z); set.seed(1); p_one_sided_longer_second <- 1 - mvtnorm::pmvnorm(lower = rep(zmin, length(z)), upper = Inf, corr = R, algorithm = mvtnorm::GenzBretz(maxpts = 5e6, abseps = 1e-9))")
  add_case("weighted_logrank", id, data, code, list(analysis = "maxcombo", time = time, event = event, group = group, fh = lapply(pq, function(a) list(p = a[1], q = a[2]))),
    function(e) list(z = vec(e$z), correlation = mat(e$R), max_abs_z = e$zmax, p_two_sided = num(e$p_two_sided), min_z = e$zmin, p_one_sided_second_group_lives_longer = num(e$p_one_sided_longer_second)), subset = subset, subset_r = subset_r, note = note, rtol = 1e-7, rtol_by_field = list(p_two_sided = 1e-3, p_one_sided_second_group_lives_longer = 1e-3), atol_by_field = list(p_two_sided = 1e-7, p_one_sided_second_group_lives_longer = 1e-7))
}
# rate table from a CSV with columns age (whole years), sex, [year], rate_per_day
RT <- function(csv, year = TRUE) c(sprintf('rt <- read.csv("%s")', csv),
  if (year) c("ag <- sort(unique(rt$age)); sx <- c(\"male\", \"female\"); yr <- sort(unique(rt$year))",
   "rt <- rt[order(rt$year, match(rt$sex, sx), rt$age), ]",
   "rates <- array(rt$rate_per_day, c(length(ag), 2, length(yr)), dimnames = list(age = ag, sex = sx, year = yr))",
   "attributes(rates) <- c(attributes(rates), list(type = c(2, 1, 3), cutpoints = list(ag * 365.25, NULL, as.Date(paste0(yr, \"-01-01\")))))") else
  c("ag <- sort(unique(rt$age)); sx <- c(\"male\", \"female\")", "rt <- rt[order(match(rt$sex, sx), rt$age), ]",
   "rates <- array(rt$rate_per_day, c(length(ag), 2), dimnames = list(age = ag, sex = sx))", "attributes(rates) <- c(attributes(rates), list(type = c(2, 1), cutpoints = list(ag * 365.25, NULL)))"),
  "class(rates) <- \"ratetable\"; stopifnot(is.ratetable(rates))")
expected_case <- function(id, data, rt, time, event, age, sex, year = NULL, times, year_table = TRUE, group = NULL, subset = NULL, subset_r = NULL, note = NULL, methods = c("ederer", "hakulinen", "conditional")) {
  rm <- sprintf("rmap = list(age = agedays, sex = sexc%s)", if (year_table) ", year = entry" else "")
  code <- c(RT(rt, year_table), sprintf("d <- d[complete.cases(d[, c(\"%s\", \"%s\", \"%s\", \"%s\")]), ]", time, event, age, sex),
    sprintf("d$agedays <- d$%s * 365.25; d$sexc <- ifelse(d$%s %%in%% c(1, \"m\", \"M\", \"male\"), \"male\", \"female\")", age, sex), if (year_table) sprintf("d$entry <- as.Date(d$%s)", year),
    sprintf("H <- survexp(%s ~ 1, data = d, %s, ratetable = rates, method = \"individual.h\")", time, rm),
    sprintf("E1 <- survexp(~ %s, data = d, %s, ratetable = rates, times = %s)", if (is.null(group)) "1" else group, rm, q_(times)),
    sprintf("E2 <- survexp(%s ~ %s, data = d, %s, ratetable = rates, times = %s)", time, if (is.null(group)) "1" else group, rm, q_(times)),
    sprintf("E3 <- survexp(%s ~ %s, data = d, %s, ratetable = rates, times = %s, conditional = TRUE)", time, if (is.null(group)) "1" else group, rm, q_(times)),
    sprintf("O <- sum(d$%s); E <- sum(H)", event), "pt <- poisson.test(O, E)", sprintf("one <- survdiff(Surv(%s, %s) ~ offset(exp(-H)), data = d)", time, event),
    sprintf("py <- pyears(Surv(%s, %s) ~ %s, data = d, %s, ratetable = rates)", time, event, if (is.null(group)) "1" else group, rm))
  add_case("expected_survival", id, data, code, list(analysis = "expected_survival", time = time, event = event, age_years = age, sex = sex, entry_date = year, rate_table = rt, group = group, times = vec(times)),
    function(e) { m <- function(x) if (is.matrix(x$surv)) mat(t(x$surv)) else mat(t(x$surv))
      list(n = nrow(e$d), individual_expected_hazard_first6 = vec(head(e$H, 6)), individual_expected_survival_first6 = vec(exp(-head(e$H, 6))),
       observed = e$O, expected = e$E, smr = e$O / e$E, smr_lower_exact = e$pt$conf.int[1], smr_upper_exact = e$pt$conf.int[2], smr_p_exact = e$pt$p.value,
       smr_lower_byar = e$O * (1 - 1 / (9 * e$O) - qnorm(0.975) / (3 * sqrt(e$O)))^3 / e$E, smr_upper_byar = (e$O + 1) * (1 - 1 / (9 * (e$O + 1)) + qnorm(0.975) / (3 * sqrt(e$O + 1)))^3 / e$E,
       one_sample_logrank_chisq = num(e$one$chisq), one_sample_logrank_p = num(pchisq(e$one$chisq, 1, lower.tail = FALSE)),
       times = vec(times), groups = if (is.null(group)) vec("all") else vec(colnames(as.matrix(e$E1$surv))), ederer1 = m(e$E1), hakulinen = m(e$E2), conditional_ederer2 = m(e$E3),
       pyears = list(person_years = vec(e$py$pyears), n = vec(e$py$n), events = vec(e$py$event), expected = vec(e$py$expected), offtable = num(e$py$offtable))) }, subset = subset, subset_r = subset_r, note = note, rtol = 1e-7, rtol_by_field = list(smr_p_exact = 1e-5, one_sample_logrank_p = 1e-5))
}
pyears_case <- function(id, data, time, event, agecol, breaks, group = NULL, subset = NULL, subset_r = NULL, note = NULL) {
  code <- c(sprintf("d$ageband <- tcut(d$%s * 365.25, c(%s) * 365.25, labels = %s)", agecol, paste(breaks, collapse = ", "), q_(paste0(head(breaks, -1), "-", breaks[-1]))),
    sprintf("py <- pyears(Surv(%s, %s) ~ ageband%s, data = d, scale = 365.25)", time, event, if (!is.null(group)) paste0(" + ", group) else ""))
  add_case("expected_survival", id, data, code, list(analysis = "person_years", time = time, event = event, age_years = agecol, age_breaks = vec(breaks), group = group),
    function(e) list(bands = vec(paste0(head(breaks, -1), "-", breaks[-1])), group_levels = if (!is.null(group)) vec(colnames(e$py$pyears)), person_years = mat(e$py$pyears), n = mat(e$py$n), events = mat(e$py$event), offtable = num(e$py$offtable)), subset = subset, subset_r = subset_r, note = note, rtol = 1e-8)
}
relsurv_case <- function(id, data, rt, time, event, age, sex, year, times, subset = NULL, subset_r = NULL, note = NULL) {
  code <- c(RT(rt), sprintf("d$agedays <- d$%s * 365.25; d$sexc <- ifelse(d$%s %%in%% c(1, \"m\", \"male\"), \"male\", \"female\"); d$entry <- as.Date(d$%s)", age, sex, year),
    sprintf("f <- function(m) summary(suppressWarnings(relsurv::rs.surv(Surv(%s, %s) ~ 1, data = d, ratetable = rates, rmap = list(age = agedays, sex = sexc, year = entry), method = m, conf.type = \"log\", add.times = %s)), times = %s)", time, event, q_(times), q_(times)),
    "pp <- f(\"pohar-perme\"); e1 <- f(\"ederer1\"); e2 <- f(\"ederer2\")")
  add_case("expected_survival", id, data, code, list(analysis = "relative_survival", time = time, event = event, age_years = age, sex = sex, entry_date = year, rate_table = rt, times = vec(times)),
    function(e) { g <- function(s) list(net_survival = vec(s$surv), std_err = vec(s$std.err), lower = vec(s$lower), upper = vec(s$upper)); list(times = vec(times), pohar_perme = g(e$pp), ederer1 = g(e$e1), ederer2 = g(e$e2)) }, subset = subset, subset_r = subset_r, note = note, rtol = 1e-5)
}

# ---------------------------------------------------------------- 8. longitudinal
LCTL <- "control = lme4::lmerControl(optimizer = \"bobyqa\", optCtrl = list(rhoend = 1e-9, maxfun = 1e5))"
lmm_case <- function(id, data, y, rhs, random, reml = TRUE, factors = list(), subset = NULL, subset_r = NULL, null_rhs = NULL, note = NULL, words) {
  code <- c(sprintf("fit <- lme4::lmer(%s ~ %s + %s, data = d, REML = %s, %s)", y, rhs, random, reml, LCTL),
    if (!is.null(null_rhs)) c(sprintf("fit0 <- lme4::lmer(%s ~ %s + %s, data = d, REML = FALSE, %s)", y, null_rhs, random, LCTL), if (reml) sprintf("fit1 <- update(fit, REML = FALSE)") else "fit1 <- fit"))
  add_case("longitudinal", id, data, code, list(analysis = "mixed_model", outcome = y, terms = term_info(rhs, factors), random = words, reml = reml, null_terms = if (!is.null(null_rhs)) term_info(null_rhs, factors)),
    function(e) { f <- e$fit; cf <- coef(summary(f)); vc <- as.data.frame(lme4::VarCorr(f)); g <- words[[1]]$group; re <- lme4::ranef(f)[[1]]
      o <- list(n = nobs(f), n_groups = named(lme4::ngrps(f)), terms = vec(rownames(cf)), coef = vec(cf[, 1]), se = vec(cf[, 2]), t = vec(cf[, 3]), wald_p_normal = vec(2 * pnorm(-abs(cf[, 3]))), vcov = mat(as.matrix(vcov(f))),
        variance_components = list(group = vec(vc$grp), var1 = vec(vc$var1), var2 = vec(vc$var2), variance_or_covariance = vec(vc$vcov), sd_or_correlation = vec(vc$sdcor)), residual_sd = sigma(f), loglik = num(logLik(f)), aic = num(AIC(f)), bic = num(BIC(f)), df = attr(logLik(f), "df"),
        ranef_first5 = list(levels = vec(head(rownames(re), 5)), columns = vec(colnames(re)), values = mat(head(re, 5))), fitted_first5 = vec(head(fitted(f), 5)))
      if (!is.null(null_rhs)) { a <- anova(e$fit0, e$fit1); o$lr_test_ml <- list(stat = a$Chisq[2], df = a$Df[2], p = a[["Pr(>Chisq)"]][2]) }
      o }, factors = factors, subset = subset, subset_r = subset_r, note = note, rtol = 1e-4, rtol_by_field = list(loglik = 1e-7, coef = 1e-5, aic = 1e-7, bic = 1e-7, p = 1e-3, wald_p_normal = 1e-3), atol_by_field = list(ranef_first5 = 1e-4, vcov = 1e-6))
}
lme_case <- function(id, data, y, rhs, random, correlation = NULL, words, cor_words, factors = list(), note = NULL, subset = NULL, subset_r = NULL, method = "REML") {
  code <- c(sprintf("fit <- nlme::lme(%s ~ %s, random = %s, correlation = %s, data = d, method = \"%s\", control = nlme::lmeControl(tolerance = 1e-10, msTol = 1e-12, opt = \"optim\", maxIter = 300, msMaxIter = 500, reltol = 1e-14))", y, rhs, random, correlation, method))
  add_case("longitudinal", id, data, code, list(analysis = "mixed_model_serial_correlation", outcome = y, terms = term_info(rhs, factors), random = words, correlation = cor_words, method = method),
    function(e) { f <- e$fit; tt <- summary(f)$tTable; list(n = nrow(e$d), terms = vec(rownames(tt)), coef = vec(tt[, 1]), se = vec(tt[, 2]), df = vec(tt[, 3]), t = vec(tt[, 4]), p = vec(tt[, 5]), residual_sd = f$sigma, random_sd = vec(suppressWarnings(as.numeric(nlme::VarCorr(f)[seq_len(nrow(nlme::VarCorr(f)) - 1), "StdDev"]))),
      correlation_parameter = num(coef(f$modelStruct$corStruct, unconstrained = FALSE)), loglik = num(logLik(f)), aic = num(AIC(f)), bic = num(BIC(f))) }, factors = factors, subset = subset, subset_r = subset_r, note = note, rtol = 1e-3, rtol_by_field = list(loglik = 1e-6, aic = 1e-6, bic = 1e-6, coef = 1e-4, p = 1e-2))
}
gee_case <- function(id, data, y, rhs, idcol, corstr, family = "gaussian", waves = NULL, offset = NULL, factors = list(), note = NULL, subset = NULL, subset_r = NULL, std.err = "san.se") {
  code <- c(sprintf("d <- d[complete.cases(d[, %s]), ]", q_(unique(c(y, all.vars(as.formula(paste("~", rhs))), idcol)))), sprintf("fit <- geepack::geeglm(%s ~ %s%s, data = d, id = %s, family = %s, corstr = \"%s\"%s, std.err = \"%s\", control = geepack::geese.control(epsilon = 1e-12, maxit = 200))", y, rhs, if (!is.null(offset)) sprintf(" + offset(%s)", offset) else "", idcol, family, corstr, if (!is.null(waves)) paste0(", waves = ", waves) else "", std.err), "s <- summary(fit)")
  add_case("longitudinal", id, data, code, list(analysis = "gee", outcome = y, terms = term_info(rhs, factors), id = idcol, working_correlation = corstr, family = family, waves = waves, offset = offset, robust_se = std.err),
    function(e) { cf <- e$s$coefficients; list(n = nrow(e$d), n_clusters = length(unique(e$d[[idcol]])), terms = vec(rownames(cf)), coef = vec(cf[, 1]), robust_se = vec(cf[, 2]), wald_chisq = vec(cf[, 3]), p = vec(cf[, 4]), robust_vcov = mat(e$fit$geese$vbeta), dispersion = num(e$s$dispersion[1, 1]), working_correlation_parameter = if (corstr != "independence") vec(e$s$corr[, 1]) else NULL) },
    factors = factors, subset = subset, subset_r = subset_r, note = note, rtol = 1e-4, rtol_by_field = list(p = 1e-3), atol_by_field = list(robust_vcov = 1e-9))
}
rmcorr_case <- function(id, data, subject, x, y, level = 0.95, note = NULL, subset = NULL, subset_r = NULL) {
  code <- c(sprintf("d <- d[complete.cases(d[, %s]), ]; d <- d[d$%s %%in%% names(which(table(d$%s) > 1)), ]; s <- factor(d$%s)", q_(c(subject, x, y)), subject, subject, subject), sprintf("a <- anova(lm(d$%s ~ s + d$%s))", y, x), sprintf("slope <- coef(lm(d$%s ~ s + d$%s))[[nlevels(s) + 1]]", y, x),
    "ss_x <- a[2, 2]; ss_e <- a[3, 2]; df <- a[3, 1]; r <- sign(slope) * sqrt(ss_x / (ss_x + ss_e)); p <- a[2, 5]", sprintf("z <- atanh(r); ci <- tanh(z + c(-1, 1) * qnorm(1 - (1 - %s) / 2) / sqrt(df - 1))", level))
  add_case("longitudinal", id, data, code, list(analysis = "repeated_measures_correlation", subject = subject, x = x, y = y, conf_level = level), function(e) list(n = nrow(e$d), n_subjects = nlevels(e$s), r = e$r, df = e$df, p = e$p, lower = e$ci[1], upper = e$ci[2], common_slope = e$slope), subset = subset, subset_r = subset_r,
    note = paste("Bakdash & Marusich 2017: ANCOVA with a common slope; interval by Fisher's z with standard error 1/sqrt(df - 1).", note), rtol = 1e-7)
}
rmanova_case <- function(id, data, y, idcol, within, between = NULL, note = NULL, subset = NULL, subset_r = NULL) {
  code <- c(sprintf("fit <- suppressMessages(suppressWarnings(afex::aov_ez(id = \"%s\", dv = \"%s\", data = d, within = %s, between = %s, type = 3, anova_table = list(correction = \"none\", es = c(\"ges\", \"pes\")))))", idcol, y, q_(within), if (is.null(between)) "NULL" else q_(between)), "a <- fit$anova_table", "s <- suppressWarnings(summary(fit$Anova, multivariate = FALSE))")
  add_case("longitudinal", id, data, code, list(analysis = "repeated_measures_anova", outcome = y, id = idcol, within = vec(within), between = if (!is.null(between)) vec(between), sums_of_squares_type = 3),
    function(e) { a <- e$a; s <- e$s; pa <- s$pval.adjustments; sp <- s$sphericity.tests
      list(effects = vec(rownames(a)), df1 = vec(a[["num Df"]]), df2 = vec(a[["den Df"]]), f = vec(a[["F"]]), p = vec(a[["Pr(>F)"]]), generalised_eta2 = vec(a[["ges"]]), partial_eta2 = vec(a[["pes"]]),
        sphericity = if (!is.null(pa) && length(pa)) list(effects = vec(rownames(pa)), gg_epsilon = vec(pa[, "GG eps"]), gg_p = vec(pa[, "Pr(>F[GG])"]), hf_epsilon = vec(pa[, "HF eps"]), hf_p = vec(pa[, "Pr(>F[HF])"]), mauchly_w = vec(sp[, 1]), mauchly_p = vec(sp[, 2])) else NULL) }, subset = subset, subset_r = subset_r, note = note, rtol = 1e-6, rtol_by_field = list(p = 1e-4, gg_p = 1e-4, hf_p = 1e-4))
}

# ---------------------------------------------------------------- 7. GLM and friends
glm_case <- function(id, data, y, rhs, family, offset = NULL, weights = NULL, hc = NULL, cluster = NULL, drop1 = FALSE, seq = FALSE, newdata = NULL, factors = list(), subset = NULL, subset_r = NULL, note = NULL) {
  lmlike <- family == "lm"
  code <- c(if (lmlike) sprintf("fit <- lm(%s ~ %s, data = d%s)", y, rhs, if (!is.null(weights)) paste0(", weights = ", weights) else "") else
    sprintf("fit <- glm(%s ~ %s%s, data = d, family = %s%s, control = glm.control(epsilon = 1e-14, maxit = 100))", y, rhs, if (!is.null(offset)) sprintf(" + offset(%s)", offset) else "", family, if (!is.null(weights)) paste0(", weights = ", weights) else ""),
    "s <- summary(fit)", if (!is.null(hc)) sprintf("hc <- lapply(%s, function(t) sqrt(diag(sandwich::vcovHC(fit, type = t))))", q_(hc)),
    if (!is.null(cluster)) sprintf("cl <- sqrt(diag(sandwich::vcovCL(fit, cluster = d$%s[as.integer(rownames(model.frame(fit)))], type = \"HC1\"))); cl0 <- sqrt(diag(sandwich::vcovCL(fit, cluster = d$%s[as.integer(rownames(model.frame(fit)))], type = \"HC0\", cadjust = FALSE)))", cluster, cluster),
    if (drop1) sprintf("dr <- drop1(fit, test = \"%s\")", if (lmlike || grepl("quasi|Gamma|gaussian", family)) "F" else "LRT"), if (seq) sprintf("an <- anova(fit, test = \"%s\")", if (lmlike || grepl("quasi|Gamma|gaussian", family)) "F" else "LRT"),
    if (!is.null(newdata)) c(nd_code(newdata, factors), "pl <- predict(fit, nd, type = if (inherits(fit, \"glm\")) \"link\" else \"response\", se.fit = TRUE); pr <- predict(fit, nd, type = \"response\")"))
  add_case("glm_more", id, data, code, list(analysis = if (lmlike) "linear_model" else "glm", outcome = y, terms = if (rhs == "1") list() else term_info(rhs, factors), family = family, offset = offset, weights = weights, hc = if (!is.null(hc)) vec(hc), cluster = cluster, drop1 = drop1, sequential = seq, newdata = if (!is.null(newdata)) lapply(newdata, vec)),
    function(e) { f <- e$fit; cf <- e$s$coefficients; tn <- function(a) { a <- as.data.frame(a); o <- lapply(a, vec); c(list(rows = vec(trimws(rownames(a)))), setNames(o, tolower(gsub("[^A-Za-z0-9]+", "_", names(a))))) }
      o <- list(n = nobs(f), terms = vec(rownames(cf)), coef = vec(cf[, 1]), se = vec(cf[, 2]), stat = vec(cf[, 3]), stat_kind = colnames(cf)[3], p = vec(cf[, 4]), vcov = mat(vcov(f)), wald_lower = vec(confint.default(f)[, 1]), wald_upper = vec(confint.default(f)[, 2]))
      if (lmlike) o <- c(o, list(r2 = e$s$r.squared, adj_r2 = e$s$adj.r.squared, sigma = e$s$sigma, t_lower = vec(confint(f)[, 1]), t_upper = vec(confint(f)[, 2]), loglik = num(logLik(f)), aic = num(AIC(f)), bic = num(BIC(f)))) else
        o <- c(o, list(deviance = f$deviance, null_deviance = f$null.deviance, df_residual = f$df.residual, dispersion = e$s$dispersion, pearson_chisq = sum(residuals(f, "pearson")^2), loglik = num(logLik(f)), aic = num(AIC(f)), bic = num(BIC(f))))
      if (!is.null(hc)) o$hc_se <- setNames(lapply(e$hc, vec), hc)
      if (!is.null(cluster)) { o$cluster_se_hc1 <- vec(e$cl); o$cluster_se_hc0_no_adjust <- vec(e$cl0) }
      if (drop1) o$drop1 <- tn(e$dr); if (seq) o$sequential <- tn(e$an)
      if (!is.null(newdata)) o$predict <- list(link = vec(e$pl$fit), link_se = vec(e$pl$se.fit), response = vec(e$pr))
      o }, factors = factors, subset = subset, subset_r = subset_r, note = note, rtol = 1e-6, rtol_by_field = list(p = 1e-4, pr_chi = 1e-4, pr_f = 1e-4), atol_by_field = list(vcov = 1e-9))
}
emm_case <- function(id, data, y, rhs, family, over, by = NULL, adjust = c("tukey", "holm", "none"), factors = list(), subset = NULL, subset_r = NULL, note = NULL, kind = "pairwise", weights_emm = "equal") {
  code <- c(if (family == "lm") sprintf("fit <- lm(%s ~ %s, data = d)", y, rhs) else sprintf("fit <- glm(%s ~ %s, data = d, family = %s, control = glm.control(epsilon = 1e-14, maxit = 100))", y, rhs, family),
    sprintf("em <- emmeans::emmeans(fit, %s%s, weights = \"%s\")", q_(over), if (!is.null(by)) sprintf(", by = \"%s\"", by) else "", weights_emm), "et <- as.data.frame(em); er <- as.data.frame(summary(em, type = \"response\"))",
    sprintf("ct <- emmeans::contrast(em, method = \"%s\")", kind), sprintf("cs <- lapply(%s, function(a) as.data.frame(summary(ct, adjust = a, infer = c(TRUE, TRUE))))", q_(adjust)))
  add_case("glm_more", id, data, code, list(analysis = "marginal_means", outcome = y, terms = term_info(rhs, factors), family = family, over = vec(over), by = by, averaging_weights = weights_emm, contrasts = kind, adjust = vec(adjust)),
    function(e) { t <- e$et; k <- setdiff(names(t), c("emmean", "SE", "df", "lower.CL", "upper.CL", "asymp.LCL", "asymp.UCL")); g <- function(d, n) vec(d[[intersect(n, names(d))[1]]])
      o <- list(levels = lapply(t[k], function(x) vec(as.character(x))), emmean = vec(t$emmean), se = vec(t$SE), df = vec(t$df), lower = g(t, c("lower.CL", "asymp.LCL")), upper = g(t, c("upper.CL", "asymp.UCL")))
      if (family != "lm") o$response_scale <- list(value = g(e$er, c("prob", "rate", "response")), se = vec(e$er$SE), lower = g(e$er, c("lower.CL", "asymp.LCL")), upper = g(e$er, c("upper.CL", "asymp.UCL")))
      c1 <- e$cs[[1]]; o$contrast <- vec(as.character(c1$contrast)); if (!is.null(by)) o$contrast_by <- vec(as.character(c1[[by]])); o$estimate <- vec(c1$estimate); o$contrast_se <- vec(c1$SE); o$contrast_df <- vec(c1$df); o$statistic <- g(c1, c("t.ratio", "z.ratio"))
      o$adjusted <- setNames(lapply(seq_along(adjust), function(i) list(p = vec(e$cs[[i]]$p.value), lower = g(e$cs[[i]], c("lower.CL", "asymp.LCL")), upper = g(e$cs[[i]], c("upper.CL", "asymp.UCL")))), adjust); o }, factors = factors, subset = subset, subset_r = subset_r, note = paste("Other numeric covariates at their mean, other factors averaged with equal weights unless averaging_weights says otherwise. Holm and Bonferroni intervals of emmeans are Bonferroni intervals.", note), rtol = 1e-6, rtol_by_field = list(p = 1e-4, adjusted = 1e-4))
}
polr_case <- function(id, data, y, levels, rhs, method = "logistic", newdata = NULL, factors = list(), subset = NULL, subset_r = NULL, note = NULL) {
  code <- c(sprintf("d$%s <- factor(d$%s, levels = %s, ordered = TRUE)", y, y, q_(levels)), sprintf("fit <- MASS::polr(%s ~ %s, data = d, Hess = TRUE, method = \"%s\", control = list(reltol = 1e-15, maxit = 2000))", y, rhs, method), "fit2 <- ordinal::clm(formula(fit), data = d, link = c(logistic = \"logit\", probit = \"probit\", cloglog = \"cloglog\")[[fit$method]], control = ordinal::clm.control(gradTol = 1e-10))", "vc <- vcov(fit2)",
    if (!is.null(newdata)) c(nd_code(newdata, factors), "pr <- predict(fit2, nd, type = \"prob\")$fit"))
  add_case("glm_more", id, data, code, list(analysis = "ordinal_regression", outcome = y, outcome_levels = vec(as.character(levels)), terms = term_info(rhs, factors), link = method, newdata = if (!is.null(newdata)) lapply(newdata, vec)),
    function(e) { f <- e$fit2; nb <- length(f$beta); o <- list(n = f$n, terms = vec(names(f$beta)), coef = vec(f$beta), se = vec(sqrt(diag(e$vc))[names(f$beta)]), cut_points = vec(f$alpha), cut_point_names = vec(names(f$alpha)), cut_point_se = vec(sqrt(diag(e$vc))[names(f$alpha)]), loglik = num(logLik(f)), deviance = -2 * num(logLik(f)), aic = num(AIC(f)), odds_ratio = vec(exp(f$beta)), max_abs_diff_polr = max(abs(c(e$fit$coefficients, e$fit$zeta) - c(f$beta, f$alpha))))
      stopifnot(o$max_abs_diff_polr < 1e-3); o$max_abs_diff_polr <- NULL; if (!is.null(newdata)) o$predict_prob <- mat(e$pr); o }, factors = factors, subset = subset, subset_r = subset_r, note = paste("logit P(Y <= k) = cut_k - x beta (MASS::polr's sign). The stored numbers are ordinal::clm's fully converged ones; polr agrees to its optimiser's tolerance.", note), rtol = 1e-5)
}
multinom_case <- function(id, data, y, levels, rhs, newdata = NULL, factors = list(), subset = NULL, subset_r = NULL, note = NULL) {
  code <- c(sprintf("d$%s <- factor(d$%s, levels = %s)", y, y, q_(levels)), sprintf("fit <- nnet::multinom(%s ~ %s, data = d, trace = FALSE, maxit = 5000, reltol = 1e-16, abstol = 1e-16, Hess = TRUE)", y, rhs), "s <- summary(fit)", if (!is.null(newdata)) c(nd_code(newdata, factors), "pr <- predict(fit, nd, type = \"probs\")"))
  add_case("glm_more", id, data, code, list(analysis = "multinomial_regression", outcome = y, outcome_levels = vec(as.character(levels)), terms = term_info(rhs, factors), newdata = if (!is.null(newdata)) lapply(newdata, vec)),
    function(e) { s <- e$s; o <- list(n = nrow(fitted(e$fit)), terms = vec(colnames(s$coefficients)), levels = vec(rownames(s$coefficients)), coef = mat(s$coefficients), se = mat(s$standard.errors), deviance = e$fit$deviance, aic = e$fit$AIC); if (!is.null(newdata)) o$predict_prob <- mat(e$pr); o }, factors = factors, subset = subset, subset_r = subset_r, note = note, rtol = 1e-4, atol = 1e-5)
}

# ---------------------------------------------------------------- 9. weights
SMD <- c("wm <- function(x, w) sum(w * x) / sum(w)", "wv <- function(x, w) if (all(x %in% 0:1)) wm(x, w) * (1 - wm(x, w)) else sum(w * (x - wm(x, w))^2) * sum(w) / (sum(w)^2 - sum(w^2))",
 "smd <- function(x, a, w, estimand) { o <- rep(1, length(x)); s1 <- wv(x[a == 1], o[a == 1]); s0 <- wv(x[a == 0], o[a == 0])",
 "  s <- switch(estimand, ATE = sqrt((s1 + s0) / 2), ATT = sqrt(s1), ATC = sqrt(s0)); (wm(x[a == 1], w[a == 1]) - wm(x[a == 0], w[a == 0])) / s }")
iptw_case <- function(id, data, treat, rhs, time, event, estimand = "ATE", stabilised = FALSE, truncate = NULL, ps_trim = NULL, times, balance, factors = list(), subset = NULL, subset_r = NULL, note = NULL) {
  code <- c(SMD, sprintf("d <- d[complete.cases(d[, %s]), ]", q_(unique(c(treat, all.vars(as.formula(paste("~", rhs))), time, event, balance)))),
    sprintf("ps_fit <- glm(%s ~ %s, data = d, family = binomial, control = glm.control(epsilon = 1e-14, maxit = 100)); ps <- fitted(ps_fit); a <- d$%s", treat, rhs, treat),
    if (!is.null(ps_trim)) sprintf("keep <- ps >= %s & ps <= %s; d <- d[keep, ]; ps <- ps[keep]; a <- a[keep]", ps_trim[1], ps_trim[2]),
    switch(estimand, ATE = "w <- ifelse(a == 1, 1 / ps, 1 / (1 - ps))", ATT = "w <- ifelse(a == 1, 1, ps / (1 - ps))", ATC = "w <- ifelse(a == 1, (1 - ps) / ps, 1)", ATO = "w <- ifelse(a == 1, 1 - ps, ps)"),
    if (stabilised) "w <- w * ifelse(a == 1, mean(a), 1 - mean(a))", if (!is.null(truncate)) sprintf("q <- quantile(w, %s); w <- pmin(pmax(w, q[1]), q[2])", q_(truncate)), "d$w <- w; d$one <- 1; d$rid <- seq_len(nrow(d))",
    sprintf("B <- sapply(%s, function(v) c(smd(d[[v]], a, d$one, \"%s\"), smd(d[[v]], a, w, \"%s\"), wm(d[[v]][a == 1], w[a == 1]), wm(d[[v]][a == 0], w[a == 0])))", q_(balance), if (estimand == "ATO") "ATE" else estimand, if (estimand == "ATO") "ATE" else estimand),
    sprintf("km <- survfit(Surv(%s, %s) ~ %s, data = d, weights = w, robust = TRUE, id = rid); ks <- summary(km, times = %s, extend = TRUE)", time, event, treat, q_(times)), cox_code(sprintf("Surv(%s, %s)", time, event), treat, ", weights = w, robust = TRUE"),
    "ess <- tapply(w, a, function(v) sum(v)^2 / sum(v^2))")
  add_case("weighting", id, data, code, list(analysis = "iptw", treatment = treat, propensity_terms = term_info(rhs, factors), time = time, event = event, estimand = estimand, stabilised = stabilised, truncate_weight_quantiles = if (!is.null(truncate)) vec(truncate), drop_propensity_outside = if (!is.null(ps_trim)) vec(ps_trim), times = vec(times), balance = vec(balance)),
    function(e) { B <- e$B; ks <- e$ks; si <- as.integer(ks$strata); list(n = nrow(e$d), propensity_first6 = vec(head(e$ps, 6)), weight_first6 = vec(head(e$w, 6)), weight_sum = named(tapply(e$w, e$a, sum)), weight_max = max(e$w), effective_sample_size = named(e$ess),
      balance = list(variables = vec(colnames(B)), smd_before = vec(B[1, ]), smd_after = vec(B[2, ]), mean_treated = vec(B[3, ]), mean_control = vec(B[4, ])),
      km = lapply(setNames(1:2, c("control", "treated")), function(g) list(times = vec(times), surv = vec(ks$surv[si == g]), robust_std_err = vec(ks$std.err[si == g]), n_risk_weighted = vec(ks$n.risk[si == g]))), cox = c(ex_cox(e$fit)[c("n", "coef", "se", "robust_se", "z", "p")], list(hr_lower = num(summary(e$fit)$conf.int[1, 3]), hr_upper = num(summary(e$fit)$conf.int[1, 4])))) }, factors = factors, subset = subset, subset_r = subset_r, rtol = 1e-6, rtol_by_field = P4,
    note = paste("SMD: difference of (weighted) means over the unweighted standard deviation: ATE sqrt((s1^2 + s0^2)/2), ATT the treated group's, ATC the control group's (cobalt's rule); a 0/1 column uses p(1 - p). Robust standard errors take the weights as fixed.", note))
}
wtable_case <- function(id, data, weights, group, cont, cat, cat_levels, subset = NULL, subset_r = NULL, note = NULL) {
  code <- c(sprintf("d <- d[complete.cases(d[, %s]), ]", q_(c(weights, group, cont, cat))), sprintf("ds <- survey::svydesign(ids = ~1, weights = ~%s, data = d)", weights),
    sprintf("one <- function(v) { f <- reformulate(v); by <- survey::svyby(f, ~%s, ds, survey::svymean); vr <- survey::svyby(f, ~%s, ds, survey::svyvar); qt <- lapply(split(d, d$%s), function(z) { o <- order(z[[v]]); cw <- cumsum(z$%s[o]) / sum(z$%s); sapply(c(0.25, 0.5, 0.75), function(p) z[[v]][o][which(cw >= p - 1e-12)[1]]) })", group, group, group, weights, weights),
    sprintf("  tt <- survey::svyttest(as.formula(paste(v, \"~ %s\")), ds); list(mean = by[[2]], se = by[[3]], sd = sqrt(vr[[2]]), quart = do.call(rbind, qt), t = unname(tt$statistic), df = unname(tt$parameter), p = unname(tt$p.value)) }", group),
    sprintf("R <- lapply(setNames(%s, %s), one)", q_(cont), q_(cont)), sprintf("tab <- xtabs(%s ~ %s + %s, data = d); ch <- survey::svychisq(~%s + %s, ds, statistic = \"F\")", weights, cat, group, cat, group))
  add_case("weighting", id, data, code, list(analysis = "weighted_table", weights = weights, group = group, continuous = vec(cont), categorical = cat),
    function(e) list(n = nrow(e$d), weighted_n = named(tapply(e$d[[weights]], e$d[[group]], sum)), groups = vec(as.character(sort(unique(e$d[[group]])))), continuous = lapply(e$R, function(r) list(mean = vec(r$mean), se_of_mean = vec(r$se), sd = vec(r$sd), quartiles = mat(r$quart), t = r$t, df = r$df, p = r$p)),
      categorical = list(levels = vec(rownames(e$tab)), weighted_counts = mat(e$tab), column_proportions = mat(prop.table(e$tab, 2)), rao_scott_f = num(e$ch$statistic), rao_scott_df = vec(e$ch$parameter), p = num(e$ch$p.value))), subset = subset, subset_r = subset_r, rtol = 1e-6, rtol_by_field = P4,
    note = paste("survey package: linearised standard errors with n/(n-1); sd = sqrt(n/(n-1) * weighted variance); quartiles: smallest value whose cumulative weight share reaches p; t is svyttest's, the last test is Rao-Scott F.", note))
}

# ---------------------------------------------------------------- 10. tests
tst <- function(id, data, args, code, exp, note = NULL, rtol = 1e-6, subset = NULL, subset_r = NULL, factors = list(), topic = "tests_more", rtol_by_field = P4, atol = 1e-10)
  add_case(topic, id, data, code, args, exp, rtol = rtol, subset = subset, subset_r = subset_r, factors = factors, note = note, rtol_by_field = rtol_by_field, atol = atol)
H <- function(e) { h <- e$h; o <- list(statistic = num(h$statistic), df = if (length(h$parameter) == 1) num(h$parameter) else if (length(h$parameter)) vec(h$parameter), p = num(h$p.value)); if (!is.null(h$estimate)) o$estimate <- if (length(h$estimate) == 1) num(h$estimate) else vec(h$estimate); if (!is.null(h$conf.int)) o$conf_int <- vec(h$conf.int); o }
cor_case <- function(id, data, x, y, method, alternative, level = 0.95, exact = NULL, ...) tst(id, data, list(analysis = "correlation_test", x = x, y = y, method = method, alternative = alternative, conf_level = level, exact = exact),
  sprintf("h <- cor.test(d$%s, d$%s, method = \"%s\", alternative = \"%s\", conf.level = %s%s)", x, y, method, alternative, level, if (is.null(exact)) "" else paste0(", exact = ", exact)), H, ...)
prop_case <- function(id, x, n, p = NULL, alternative = "two.sided", correct = TRUE, level = 0.95, ...) tst(id, NULL, list(analysis = "proportion_test", successes = vec(x), totals = vec(n), null_p = if (is.null(p)) NULL else vec(p), alternative = alternative, continuity_correction = correct, conf_level = level),
  sprintf("h <- suppressWarnings(prop.test(%s, %s%s, alternative = \"%s\", correct = %s, conf.level = %s))", q_(x), q_(n), if (is.null(p)) "" else paste0(", p = ", q_(p)), alternative, correct, level), H, ...)
trend_prop_case <- function(id, x, n, score = seq_along(x), ...) tst(id, NULL, list(analysis = "proportion_trend", successes = vec(x), totals = vec(n), scores = vec(score)), sprintf("h <- prop.trend.test(%s, %s, score = %s)", q_(x), q_(n), q_(score)), function(e) H(e)[c("statistic", "df", "p")], ...)
var_case <- function(id, data, y, g, levels, alternative, ratio = 1, level = 0.95, ...) tst(id, data, list(analysis = "variance_ratio_test", outcome = y, group = g, levels = vec(as.character(levels)), alternative = alternative, null_ratio = ratio, conf_level = level),
  sprintf("h <- var.test(d$%s[d$%s == %s], d$%s[d$%s == %s], ratio = %s, alternative = \"%s\", conf.level = %s)", y, g, q_(levels[1]), y, g, q_(levels[2]), ratio, alternative, level), H, ...)
gof_case <- function(id, x, p, ...) tst(id, NULL, list(analysis = "chisq_goodness_of_fit", counts = vec(x), probabilities = vec(p)), sprintf("h <- suppressWarnings(chisq.test(%s, p = %s))", q_(x), q_(p)), function(e) c(H(e), list(expected_counts = vec(e$h$expected), standardised_residuals = vec(e$h$stdres))), ...)
cmh_case <- function(id, data, r, c, s, exact = FALSE, correct = TRUE, ...) tst(id, data, list(analysis = "mantel_haenszel", row = r, column = c, stratum = s, exact = exact, continuity_correction = correct), c(sprintf("t <- table(d$%s, d$%s, d$%s)", r, c, s), sprintf("h <- mantelhaen.test(t, exact = %s, correct = %s)", exact, correct)), function(e) c(list(dim = vec(dim(e$t)), levels_row = vec(dimnames(e$t)[[1]]), levels_column = vec(dimnames(e$t)[[2]])), H(e)), ...)
mcn_case <- function(id, m, correct = TRUE, ...) tst(id, NULL, list(analysis = "mcnemar_k", table = m, continuity_correction = correct), c(sprintf("m <- matrix(%s, %d, byrow = TRUE)", q_(as.vector(t(m))), nrow(m)), sprintf("h <- mcnemar.test(m, correct = %s)", correct)), H, ...)
cochran_case <- function(id, data, columns, ...) tst(id, data, list(analysis = "cochran_q", columns = vec(columns)), c(sprintf("m <- as.matrix(na.omit(d[, %s])); k <- ncol(m); L <- rowSums(m); G <- colSums(m)", q_(columns)), "Q <- (k - 1) * (k * sum(G^2) - sum(G)^2) / (k * sum(L) - sum(L^2)); p <- pchisq(Q, k - 1, lower.tail = FALSE)"), function(e) list(n = nrow(e$m), statistic = e$Q, df = e$k - 1, p = e$p), ...)
friedman_case <- function(id, data, columns, ...) tst(id, data, list(analysis = "friedman", columns = vec(columns)), c(sprintf("m <- as.matrix(na.omit(d[, %s])); h <- friedman.test(m); W <- unname(h$statistic) / (nrow(m) * (ncol(m) - 1))", q_(columns))), function(e) c(list(n = nrow(e$m), kendall_w = e$W), H(e)), ...)
JT <- c("jt <- function(y, g) { k <- nlevels(g); J <- 0; for (i in 1:(k - 1)) for (j in (i + 1):k) { a <- y[g == levels(g)[i]]; b <- y[g == levels(g)[j]]; J <- J + sum(outer(a, b, \"<\")) + 0.5 * sum(outer(a, b, \"==\")) }",
 "  n <- as.vector(table(g)); N <- sum(n); t <- as.vector(table(y)); E <- (N^2 - sum(n^2)) / 4",
 "  V <- (N * (N - 1) * (2 * N + 5) - sum(n * (n - 1) * (2 * n + 5)) - sum(t * (t - 1) * (2 * t + 5))) / 72 + sum(n * (n - 1) * (n - 2)) * sum(t * (t - 1) * (t - 2)) / (36 * N * (N - 1) * (N - 2)) + sum(n * (n - 1)) * sum(t * (t - 1)) / (8 * N * (N - 1))",
 "  z <- (J - E) / sqrt(V); list(J = J, E = E, V = V, z = z, two = 2 * pnorm(-abs(z)), inc = pnorm(-z), dec = pnorm(z)) }")
jt_case <- function(id, data, y, g, levels, ...) tst(id, data, list(analysis = "jonckheere_terpstra", outcome = y, group = g, levels = vec(as.character(levels))), c(JT, sprintf("d <- d[complete.cases(d[, c(\"%s\", \"%s\")]) & d$%s %%in%% %s, ]; r <- jt(d$%s, factor(d$%s, levels = %s))", y, g, g, q_(levels), y, g, q_(levels))),
  function(e) { r <- e$r; list(statistic = r$J, mean = r$E, var = r$V, z = r$z, p_two_sided = r$two, p_increasing = r$inc, p_decreasing = r$dec) }, rtol_by_field = list(p_two_sided = 1e-5, p_increasing = 1e-5, p_decreasing = 1e-5), ...)
gh_case <- function(id, data, y, g, levels, level = 0.95, ...) tst(id, data, list(analysis = "games_howell", outcome = y, group = g, levels = vec(as.character(levels)), conf_level = level), c(sprintf("d$%s <- factor(d$%s, levels = %s); r <- as.data.frame(rstatix::games_howell_test(d, %s ~ %s, conf.level = %s, detailed = TRUE))", g, g, q_(levels), y, g, level),
  sprintf("v <- split(na.omit(d[, c(\"%s\", \"%s\")])$%s, na.omit(d[, c(\"%s\", \"%s\")])$%s); k <- length(v)", y, g, y, y, g, g), "full <- t(apply(combn(k, 2), 2, function(ij) { a <- v[[ij[1]]]; b <- v[[ij[2]]]; va <- var(a) / length(a); vb <- var(b) / length(b); s <- sqrt((va + vb) / 2); df <- (va + vb)^2 / (va^2 / (length(a) - 1) + vb^2 / (length(b) - 1)); df_ <- df; est <- mean(b) - mean(a); c(est, s, abs(est) / s, df_, ptukey(abs(est) / s, k, df_, lower.tail = FALSE), est + c(-1, 1) * qtukey(CL, k, df_) * s) }))" |> gsub(pattern = "CL", replacement = level, fixed = TRUE)),
  function(e) { f <- e$full; stopifnot(max(abs(f[, 1] - e$r$estimate)) < 1e-3 * max(1, abs(f[, 1]))); list(group1 = vec(e$r$group1), group2 = vec(e$r$group2), estimate = vec(f[, 1]), tukey_se = vec(f[, 2]), q = vec(f[, 3]), df = vec(f[, 4]), p = vec(f[, 5]), lower = vec(f[, 6]), upper = vec(f[, 7])) },
  note = "estimate = mean(group2) - mean(group1); q = |estimate| / tukey_se with tukey_se = sqrt((s1^2/n1 + s2^2/n2)/2); Welch df; studentised range. Same as rstatix::games_howell_test without its rounding.", ...)
tost_case <- function(id, data, y, g, levels, low, high, alpha = 0.05, var_equal = FALSE, paired = FALSE, y2 = NULL, ...) tst(id, data, list(analysis = "tost", outcome = y, outcome2 = y2, group = g, levels = if (!is.null(levels)) vec(as.character(levels)), low = low, high = high, alpha = alpha, equal_variances = var_equal, paired = paired),
  c(if (paired) sprintf("a <- d$%s; b <- d$%s", y, y2) else sprintf("a <- d$%s[d$%s == %s]; b <- d$%s[d$%s == %s]", y, g, q_(levels[1]), y, g, q_(levels[2])), sprintf("o <- list(paired = %s, var.equal = %s)", paired, var_equal), sprintf("lo <- t.test(a, b, mu = %s, alternative = \"greater\", paired = %s, var.equal = %s); up <- t.test(a, b, mu = %s, alternative = \"less\", paired = %s, var.equal = %s); ci <- t.test(a, b, paired = %s, var.equal = %s, conf.level = 1 - 2 * %s)", low, paired, var_equal, high, paired, var_equal, paired, var_equal, alpha)),
  function(e) list(difference = if (length(e$ci$estimate) == 2) num(e$ci$estimate[1] - e$ci$estimate[2]) else num(e$ci$estimate), df = num(e$lo$parameter), t_lower = num(e$lo$statistic), p_lower = e$lo$p.value, t_upper = num(e$up$statistic), p_upper = e$up$p.value, p_tost = max(e$lo$p.value, e$up$p.value), conf_int = vec(e$ci$conf.int)), rtol_by_field = list(p_lower = 1e-4, p_upper = 1e-4, p_tost = 1e-4), note = "conf_int is the 1 - 2 alpha interval of first minus second level.", ...)
fisher_case <- function(id, m, ...) tst(id, NULL, list(analysis = "fisher_exact_r_by_c", table = m), c(sprintf("m <- matrix(%s, %d, byrow = TRUE); h <- fisher.test(m, workspace = 2e7)", q_(as.vector(t(m))), nrow(m))), function(e) list(p = e$h$p.value), rtol_by_field = list(p = 1e-6), ...)
psd_case <- function(id, data, time, event, group, method, rho = 0, ...) tst(id, data, list(analysis = "pairwise_logrank", time = time, event = event, group = group, adjust = vec(method), rho = rho), c(sprintf("r <- suppressWarnings(survminer::pairwise_survdiff(Surv(%s, %s) ~ %s, data = d, p.adjust.method = \"%s\", rho = %s))$p.value", time, event, group, method, rho)), function(e) { w <- which(!is.na(e$r), arr.ind = TRUE); list(group1 = vec(colnames(e$r)[w[, 2]]), group2 = vec(rownames(e$r)[w[, 1]]), p_adjusted = vec(e$r[w])) }, rtol = 1e-5, ...)
pw_case <- function(id, data, y, g, levels, test, method, extra = "", extra_args = list(), ...) tst(id, data, c(list(analysis = paste0("pairwise_", test), outcome = y, group = g, levels = vec(as.character(levels)), adjust = method), extra_args), c(sprintf("r <- suppressWarnings(pairwise.%s.test(d$%s, factor(d$%s, levels = %s), p.adjust.method = \"%s\"%s))$p.value", test, y, g, q_(levels), method, extra)), function(e) { w <- which(!is.na(e$r), arr.ind = TRUE); list(group1 = vec(colnames(e$r)[w[, 2]]), group2 = vec(rownames(e$r)[w[, 1]]), p_adjusted = vec(e$r[w])) }, rtol = 1e-5, ...)
dunn_case <- function(id, data, y, g, levels, method, ...) tst(id, data, list(analysis = "dunn", outcome = y, group = g, levels = vec(as.character(levels)), adjust = method), c(sprintf("d <- d[d$%s %%in%% %s, ]; d$%s <- factor(d$%s, levels = %s); r <- as.data.frame(rstatix::dunn_test(d, %s ~ %s, p.adjust.method = \"%s\", detailed = TRUE))", g, q_(levels), g, g, q_(levels), y, g, method)), function(e) list(group1 = vec(e$r$group1), group2 = vec(e$r$group2), z = vec(e$r$statistic), p = vec(e$r$p), p_adjusted = vec(e$r$p.adj)), rtol_by_field = list(p = 1e-5, p_adjusted = 1e-5), ...)
spread_case <- function(id, data, y, g, levels, test, ...) tst(id, data, list(analysis = paste0(test, "_test"), outcome = y, group = g, levels = vec(as.character(levels))), sprintf("d <- d[d$%s %%in%% %s, ]; h <- %s.test(d$%s, factor(d$%s, levels = %s))", g, q_(levels), test, y, g, q_(levels)), H, ...)

# ---------------------------------------------------------------- 6. multi-state
aj_case <- function(id, data, lhs_start, time, event, states, group = "1", idcol = NULL, weights = NULL, istate = NULL, times, subset = NULL, subset_r = NULL, note = NULL, rtol = 1e-7) {
  code <- c(sprintf("d$ev <- factor(d$%s, levels = 0:%d, labels = %s)", event, length(states), q_(c("censor", states))), if (!is.null(istate)) sprintf("d$ist <- d$%s", istate),
    sprintf("fit <- survfit(Surv(%s%s, ev) ~ %s, data = d%s%s%s)", if (is.null(lhs_start)) "" else paste0(lhs_start, ", "), time, group, if (!is.null(idcol)) paste0(", id = ", idcol) else "", if (!is.null(weights)) paste0(", weights = ", weights) else "", if (!is.null(istate)) ", istate = ist" else ""),
    sprintf("s <- summary(fit, times = %s, extend = TRUE)", q_(times)))
  add_case("multistate", id, data, code, list(analysis = "aalen_johansen", start = lhs_start, time = time, event = event, event_codes = as.list(setNames(seq_along(states), states)), group = if (group != "1") group, id = idcol, weights = weights, initial_state_column = istate, times = vec(times)),
    function(e) { s <- e$s; st <- e$fit$states; gi <- if (is.null(s$strata)) rep(1, length(s$time)) else as.integer(s$strata); gn <- if (is.null(s$strata)) "all" else levels(s$strata)
      o <- lapply(seq_along(gn), function(g) { k <- gi == g; list(probability_in_state = mat(s$pstate[k, , drop = FALSE]), std_err = mat(s$std.err[k, , drop = FALSE]), lower = mat(s$lower[k, , drop = FALSE]), upper = mat(s$upper[k, , drop = FALSE]), n_risk = mat(s$n.risk[k, , drop = FALSE]), n_event_into_state_since_previous = mat(s$n.event[k, , drop = FALSE])) }); names(o) <- gn
      tr <- e$fit$transitions; list(states = vec(st), times = vec(times), rows = "one row per time, one column per state", transitions = list(from = vec(rownames(tr)), to = vec(colnames(tr)), counts = mat(tr)), groups = o) }, subset = subset, subset_r = subset_r, note = note, rtol = rtol)
}
fg_case <- function(id, data, lhs_start, time, event, states, etype, rhs, prefit_rhs = NULL, strata = NULL, idcol = NULL, weights = NULL, factors = list(), subset = NULL, subset_r = NULL, note = NULL, show = 45) {
  all <- paste(unique(c(if (is.null(prefit_rhs)) rhs else prefit_rhs)), collapse = " + "); st <- if (is.null(strata)) "" else sprintf(" + strata(%s)", strata)
  code <- c(sprintf("d$ev <- factor(d$%s, levels = 0:%d, labels = %s)", event, length(states), q_(c("censor", states))), "d$row <- seq_len(nrow(d))",
    sprintf("f <- finegray(Surv(%s%s, ev) ~ %s + row%s, data = d, etype = \"%s\"%s%s)", if (is.null(lhs_start)) "" else paste0(lhs_start, ", "), time, all, st, etype, if (!is.null(idcol)) paste0(", id = ", idcol) else "", if (!is.null(weights)) paste0(", weights = ", weights) else ""),
    cox_code("Surv(fgstart, fgstop, fgstatus)", rhs, sprintf(", weights = fgwt, cluster = %s", "row"), data = "f"))
  add_case("multistate", id, data, code, list(analysis = "finegray", start = lhs_start, time = time, event = event, event_codes = as.list(setNames(seq_along(states), states)), event_of_interest = etype, terms = term_info(rhs, factors), censoring_strata = strata, id = idcol, weights = weights),
    function(e) { f <- e$f; list(n_rows = nrow(f), sum_of_weights = sum(f$fgwt), weighted_time = sum(f$fgwt * (f$fgstop - f$fgstart)), first_rows = cols(head(f[, c("row", "fgstart", "fgstop", "fgstatus", "fgwt")], show)), cox = ex_cox(e$fit)[c("n", "nevent", "terms", "coef", "se", "robust_se", "z", "p")]) }, factors = factors, subset = subset, subset_r = subset_r, note = note, rtol_by_field = P4)
}

# ---------------------------------------------------------------- 5. maximally selected statistics
maxstat_case <- function(id, data, y, x, smethod = "LogRank", minprop = 0.1, maxprop = 0.9, time = NULL, event = NULL, outcome = NULL, pm = c("Lau92", "Lau94"), subset = NULL, subset_r = NULL, note = NULL) {
  code <- c(sprintf("m <- lapply(%s, function(p) { set.seed(290875); suppressWarnings(maxstat::maxstat.test(%s ~ %s, data = d, smethod = \"%s\", pmethod = p, minprop = %s, maxprop = %s, abseps = 1e-4)) })", q_(pm), y, x, smethod, minprop, maxprop))
  add_case("maxstat", id, data, code, list(analysis = "maximally_selected_statistic", time = time, event = event, outcome = outcome, marker = x, scores = smethod, minprop = minprop, maxprop = maxprop, p_methods = vec(pm)),
    function(e) { m <- e$m[[1]]; list(statistic = num(m$statistic), cut_point = num(m$estimate), p = setNames(lapply(e$m, function(h) num(h$p.value)), pm), n_cut_points = length(m$cuts), cut_points_first8 = vec(head(m$cuts, 8)), standardised_statistics_first8 = vec(head(m$stats, 8))) }, subset = subset, subset_r = subset_r, rtol = 1e-6, rtol_by_field = list(exactGauss = 0.02, HL = 1e-5, Lau92 = 1e-5, Lau94 = 1e-5), atol_by_field = list(exactGauss = 3e-4),
    note = paste("Groups are marker <= cut-point and marker > cut-point. Log-rank scores a_i = event_i - sum over events j with time_j <= time_i of 1 / (n - #(time <= time_j) + 1); variance is the permutation one. exactGauss integrates a multivariate normal numerically. survminer::surv_cutpoint(minprop) returns the same statistic and cut-point.", note))
}

# ---------------------------------------------------------------- 11. pROC left-overs
rocx <- function(id, data, code, args, exp, ...) tst(id, data, args, code, exp, topic = "roc_more", ...)
ROC1 <- function(resp, levels, marker, dir = "<", extra = "") sprintf("r <- pROC::roc(d$%s, d$%s, levels = %s, direction = \"%s\", quiet = TRUE%s)", resp, marker, q_(levels), dir, extra)
roc_args <- function(a, resp, levels, marker, dir = "<", ...) c(list(analysis = a, outcome = resp, control_level = levels[1], case_level = levels[2], marker = marker, direction = dir), list(...))
smooth_case <- function(id, data, resp, levels, marker, dir = "<", sp = c(0.5, 0.8, 0.9), ...) rocx(id, data, c(ROC1(resp, levels, marker, dir), "s <- pROC::smooth(r, method = \"binormal\", n = 512)", sprintf("se <- pROC::coords(s, %s, input = \"specificity\", ret = \"sensitivity\", transpose = FALSE)$sensitivity", q_(sp))), roc_args("roc_smooth_binormal", resp, levels, marker, dir, n_points = 512, specificities = vec(sp)),
  function(e) list(auc_empirical = num(pROC::auc(e$r)), auc_smoothed = num(pROC::auc(e$s)), a_intercept = num(coef(e$s$model)[1]), b_slope = num(coef(e$s$model)[2]), sensitivity = vec(e$se)), note = "pROC fits lm(qnorm(specificity) ~ qnorm(sensitivity)) over the empirical points with finite values: a_intercept and b_slope are those of that line; then, with a and b of that line, auc_smoothed = Phi(a / sqrt(1 + b^2)).", rtol = 1e-5, ...)
bestw_case <- function(id, data, resp, levels, marker, dir = "<", method = "youden", weights, ...) rocx(id, data, c(ROC1(resp, levels, marker, dir), sprintf("b <- pROC::coords(r, \"best\", best.method = \"%s\", best.weights = %s, ret = c(\"threshold\", \"sensitivity\", \"specificity\"), transpose = FALSE)", method, q_(weights))), roc_args("roc_best_threshold", resp, levels, marker, dir, method = method, relative_cost = weights[1], prevalence = weights[2]),
  function(e) list(threshold = vec(e$b$threshold), sensitivity = vec(e$b$sensitivity), specificity = vec(e$b$specificity)), note = "r = (1 - prevalence) / (cost * prevalence); youden maximises se + r sp, closest.topleft minimises (1 - se)^2 + r (1 - sp)^2.", ...)
percent_case <- function(id, data, resp, levels, marker, dir = "<", ...) rocx(id, data, c(ROC1(resp, levels, marker, dir, ", percent = TRUE"), "ci <- pROC::ci.auc(r); pa <- pROC::auc(r, partial.auc = c(100, 80), partial.auc.correct = TRUE)", "b <- pROC::coords(r, \"best\", ret = c(\"threshold\", \"sensitivity\", \"specificity\", \"ppv\", \"npv\", \"accuracy\"), transpose = FALSE)"), roc_args("roc_percent", resp, levels, marker, dir, partial_specificity = vec(c(100, 80)), percent = TRUE), function(e) list(auc = num(e$r$auc), ci = vec(as.numeric(e$ci)), partial_auc_corrected = num(e$pa), best = cols(e$b)), ...)
multi_case <- function(id, data, resp, levels, marker, dir = "auto", ...) rocx(id, data, sprintf("m <- suppressMessages(pROC::multiclass.roc(d$%s, d$%s, levels = %s, direction = \"%s\", quiet = TRUE)); au <- sapply(m$rocs, function(r) as.numeric(pROC::auc(r)))", resp, marker, q_(levels), dir), list(analysis = "multiclass_auc", outcome = resp, levels = vec(as.character(levels)), marker = marker, direction = dir), function(e) list(auc = num(e$m$auc), pair_auc = vec(e$au)), note = "Mean of the AUCs of all pairs of levels in order (1,2), (1,3), ..., (2,3), ...; auto: each pair decides its own direction by medians.", ...)
multim_case <- function(id, data, resp, levels, columns, ...) rocx(id, data, c(sprintf("m <- as.matrix(d[, %s]); colnames(m) <- %s; r <- suppressMessages(pROC::multiclass.roc(d$%s, m, quiet = TRUE))", q_(columns), q_(as.character(levels)), resp)), list(analysis = "multiclass_auc_hand_till", outcome = resp, levels = vec(as.character(levels)), probability_columns = vec(columns)), function(e) list(auc = num(e$r$auc)), note = "Hand and Till 2001: for each pair the mean of A(i|j) and A(j|i), then the mean over pairs.", ...)
power_roc_case <- function(id, call_args, ...) { cl <- paste(names(call_args), "=", unlist(call_args), collapse = ", "); rocx(id, NULL, sprintf("p <- pROC::power.roc.test(%s%s)", cl, if (is.null(call_args$sig.level)) ", sig.level = NULL" else ""), c(list(analysis = "roc_power_one_curve"), call_args), function(e) list(ncases = num(e$p$ncases), ncontrols = num(e$p$ncontrols), auc = num(e$p$auc), sig_level = num(e$p$sig.level), power = num(e$p$power)), note = "Obuchowski's variance for one curve against 0.5 (null variance 0.0792 (1 + 1/kappa), A = 1.414 qnorm(auc)), two-sided: sig_level / 2 in the normal quantile; kappa = controls per case; exactly one of sizes, power, sig.level is missing and solved for.", rtol = 1e-4, ...) }
power_two_case <- function(id, data, resp, levels, m1, m2, dirs, power = NULL, n = NULL, method = "delong", ...) rocx(id, data, c(sprintf("r1 <- pROC::roc(d$%s, d$%s, levels = %s, direction = \"%s\", quiet = TRUE); r2 <- pROC::roc(d$%s, d$%s, levels = %s, direction = \"%s\", quiet = TRUE)", resp, m1, q_(levels), dirs[1], resp, m2, q_(levels), dirs[2]), if (is.null(power)) "p <- pROC::power.roc.test(r1, r2)" else sprintf("p <- pROC::power.roc.test(r1, r2, power = %s)", power)), list(analysis = "roc_power_two_curves", outcome = resp, control_level = levels[1], case_level = levels[2], marker1 = m1, marker2 = m2, directions = vec(dirs), power = power), function(e) list(ncases = num(e$p$ncases), ncontrols = num(e$p$ncontrols), auc1 = num(e$p$auc1), auc2 = num(e$p$auc2), power = num(e$p$power), sig_level = num(e$p$sig.level)), rtol = 1e-4, note = "DeLong variances and covariance of the two paired curves; two-sided 0.05.", ...)
venk_case <- function(id, data, resp, levels, m1, m2, dirs, n = 2000, ...) rocx(id, data, c(sprintf("r1 <- pROC::roc(d$%s, d$%s, levels = %s, direction = \"%s\", quiet = TRUE); r2 <- pROC::roc(d$%s, d$%s, levels = %s, direction = \"%s\", quiet = TRUE)", resp, m1, q_(levels), dirs[1], resp, m2, q_(levels), dirs[2]), sprintf("set.seed(1); h <- pROC::roc.test(r1, r2, method = \"venkatraman\", boot.n = %d, progress = \"none\")", n)), list(analysis = "roc_test_venkatraman_paired", outcome = resp, control_level = levels[1], case_level = levels[2], marker1 = m1, marker2 = m2, directions = vec(dirs), permutations = n), function(e) list(statistic = num(e$h$statistic), p = num(e$h$p.value)), rtol = 1e-8, rtol_by_field = list(p = 0), note = "statistic E is exact; p comes from permutations: atol is about 4 Monte Carlo standard errors.", ...)
boot_roc_case <- function(id, data, resp, levels, m1, m2, dirs, what, at, n = 4000, ...) rocx(id, data, c(sprintf("r1 <- pROC::roc(d$%s, d$%s, levels = %s, direction = \"%s\", quiet = TRUE); r2 <- pROC::roc(d$%s, d$%s, levels = %s, direction = \"%s\", quiet = TRUE)", resp, m1, q_(levels), dirs[1], resp, m2, q_(levels), dirs[2]), sprintf("set.seed(2); h <- pROC::roc.test(r1, r2, method = \"%s\", %s = %s, boot.n = %d, progress = \"none\"); val <- function(r) pROC::coords(r, %s, input = \"%s\", ret = \"%s\", transpose = FALSE)[[1]]", what, if (what == "specificity") "specificity" else "sensitivity", at, n, at, what, if (what == "specificity") "sensitivity" else "specificity")), list(analysis = paste0("roc_test_at_", what), outcome = resp, control_level = levels[1], case_level = levels[2], marker1 = m1, marker2 = m2, directions = vec(dirs), at = at, resamples = n), function(e) list(d = num(e$h$statistic), p = num(e$h$p.value), value1 = num(e$val(e$r1)), value2 = num(e$val(e$r2))), rtol = 1e-8, rtol_by_field = list(d = 0.08, p = 0.3), note = "value1, value2 are exact: the two sensitivities at this specificity (or the other way round), linearly interpolated on the empirical curve; d divides their difference by the standard deviation of stratified bootstrap differences: Monte Carlo tolerance.", ...)
ci_coord_case <- function(id, data, resp, levels, marker, dir, at, n = 4000, ...) rocx(id, data, c(ROC1(resp, levels, marker, dir), sprintf("set.seed(3); se <- pROC::ci.se(r, specificities = %s, boot.n = %d, progress = \"none\"); set.seed(4); sp <- pROC::ci.sp(r, sensitivities = %s, boot.n = %d, progress = \"none\")", q_(at), n, q_(at), n)), roc_args("roc_ci_at_points", resp, levels, marker, dir, at = vec(at), resamples = n), function(e) list(sensitivity_at_specificity = list(lower = vec(e$se[, 1]), median = vec(e$se[, 2]), upper = vec(e$se[, 3])), specificity_at_sensitivity = list(lower = vec(e$sp[, 1]), median = vec(e$sp[, 2]), upper = vec(e$sp[, 3]))), rtol = 0, atol = 0.03, note = "Stratified bootstrap percentiles: Monte Carlo tolerance.", ...)

# ---------------------------------------------------------------- 12. measurement error
me <- function(id, data, code, args, exp, ...) tst(id, data, args, code, exp, topic = "measurement_error", ...)
rc_case <- function(id, data, model, y, w, z, reliability, family = "linear", time = NULL, event = NULL, ...) me(id, data, c(sprintf("d <- d[complete.cases(d[, %s]), ]; lam <- %s; W <- d$%s; vu <- (1 - lam) * var(W)", q_(c(if (is.null(time)) y else c(time, event), w, z)), reliability, w),
   if (length(z)) sprintf("Z <- as.matrix(d[, %s]); S <- var(cbind(W, Z)); Sxx <- S; Sxx[1, 1] <- S[1, 1] - vu; G <- Sxx[1, ] %%*%% solve(S); d$xhat <- drop(mean(W) + sweep(cbind(W, Z), 2, colMeans(cbind(W, Z))) %%*%% t(G)); g <- G[1]", q_(z)) else "g <- lam; d$xhat <- mean(W) + g * (W - mean(W))",
   switch(family, linear = sprintf("nf <- lm(%s ~ %s, data = d); rf <- lm(%s ~ %s, data = d)", y, paste(c(w, z), collapse = " + "), y, paste(c("xhat", z), collapse = " + ")),
     logistic = sprintf("nf <- glm(%s ~ %s, data = d, family = binomial, control = glm.control(epsilon = 1e-14)); rf <- glm(%s ~ %s, data = d, family = binomial, control = glm.control(epsilon = 1e-14))", y, paste(c(w, z), collapse = " + "), y, paste(c("xhat", z), collapse = " + ")),
     cox = c(cox_code(sprintf("Surv(%s, %s)", time, event), paste(c(w, z), collapse = " + "), name = "nf"), cox_code(sprintf("Surv(%s, %s)", time, event), paste(c("xhat", z), collapse = " + "), name = "rf")))),
  list(analysis = "regression_calibration", model = family, outcome = y, time = time, event = event, error_prone = w, covariates = if (length(z)) vec(z), reliability = reliability),
  function(e) list(n = nrow(e$d), error_variance = e$vu, calibration_slope = num(e$g), xhat_first6 = vec(head(e$d$xhat, 6)), naive_coef = vec(coef(e$nf)), naive_se = vec(sqrt(diag(vcov(e$nf)))), corrected_coef = vec(coef(e$rf)), corrected_se_calibration_fixed = vec(sqrt(diag(vcov(e$rf))))),
  note = "Error variance = (1 - reliability) * var(W), classical error unrelated to the covariates: E[X | W, Z] by the linear regression implied by the moments. The standard error takes the calibration as known.", ...)
reps_case <- function(id, data, c1, c2, y, ...) me(id, data, c(sprintf("d <- d[complete.cases(d[, %s]), ]; w1 <- d$%s; w2 <- d$%s; m <- (w1 + w2) / 2; vu <- mean((w1 - w2)^2) / 2; vx <- var(m) - vu / 2; rel1 <- vx / (vx + vu); rel2 <- vx / (vx + vu / 2)", q_(c(c1, c2, y)), c1, c2), sprintf("nf <- lm(%s ~ m, data = d); b <- coef(nf)[[2]] / rel2; r <- cor(d$%s, m); rc <- r / sqrt(rel2)", y, y)), list(analysis = "reliability_from_replicates", replicates = vec(c(c1, c2)), outcome = y), function(e) list(n = nrow(e$d), error_variance = e$vu, true_variance = e$vx, reliability_single = e$rel1, reliability_mean_of_two = e$rel2, naive_slope = num(coef(e$nf)[2]), corrected_slope = e$b, naive_correlation = e$r, corrected_correlation = e$rc), note = "Error variance from the mean square of within-pair differences / 2 (no shift between replicates assumed); slope / reliability of the mean, correlation / sqrt(reliability).", ...)
deming_case <- function(id, data, x, y, ratio = 1, ...) me(id, data, c(sprintf("d <- d[complete.cases(d[, %s]), ]; x <- d$%s; y <- d$%s; dl <- %s", q_(c(x, y)), x, y, ratio), "f <- function(i) { sx <- var(x[i]); sy <- var(y[i]); sxy <- cov(x[i], y[i]); b <- (sy - dl * sx + sqrt((sy - dl * sx)^2 + 4 * dl * sxy^2)) / (2 * sxy); c(mean(y[i]) - b * mean(x[i]), b) }", "est <- f(seq_along(x)); n <- length(x); J <- sapply(seq_len(n), function(i) n * est - (n - 1) * f(-i)); jm <- rowMeans(J); se <- sqrt(apply(J, 1, var) / n)"), list(analysis = "deming_regression", x = x, y = y, error_variance_ratio_y_over_x = ratio), function(e) list(n = e$n, intercept = e$est[1], slope = e$est[2], jackknife_se = vec(e$se), lower = vec(e$est - qt(0.975, e$n - 2) * e$se), upper = vec(e$est + qt(0.975, e$n - 2) * e$se)), note = "Jackknife standard errors, t with n - 2 df around the estimate.", ...)
simex_case <- function(id, data, errors, family, y = NULL, time = NULL, event = NULL, w, z = NULL, su, lambda = c(0.5, 1, 1.5, 2), extrapolation = "quadratic", ...) me(id, data, c(sprintf("E <- as.matrix(read.csv(\"%s\")); su <- %s; lam <- %s", errors, su, q_(lambda)),
  switch(family, linear = sprintf("fit <- function(x) { d$x_ <- x; coef(lm(%s ~ %s, data = d)) }", y, paste(c("x_", z), collapse = " + ")), cox = sprintf("fit <- function(x) { d$x_ <- x; coef(coxph(Surv(%s, %s) ~ %s, data = d, control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 60))) }", time, event, paste(c("x_", z), collapse = " + ")),
    logistic = sprintf("fit <- function(x) { d$x_ <- x; coef(glm(%s ~ %s, data = d, family = binomial, control = glm.control(epsilon = 1e-14))) }", y, paste(c("x_", z), collapse = " + "))), sprintf("b0 <- fit(d$%s); B <- sapply(lam, function(l) rowMeans(sapply(seq_len(ncol(E)), function(b) fit(d$%s + sqrt(l) * su * E[, b]))))", w, w),
  if (extrapolation == "quadratic") "L <- c(0, lam); Y <- cbind(b0, B); ex <- apply(Y, 1, function(v) predict(lm(v ~ L + I(L^2)), data.frame(L = -1)))" else "L <- c(0, lam); Y <- cbind(b0, B); ex <- apply(Y, 1, function(v) predict(lm(v ~ L), data.frame(L = -1)))"), list(analysis = "simex", model = family, outcome = y, time = time, event = event, error_prone = w, covariates = if (length(z)) vec(z), error_sd = su, lambda = vec(lambda), extrapolation = extrapolation, standard_normal_errors = errors), function(e) list(terms = vec(names(e$b0)), naive = vec(e$b0), mean_coef_by_lambda = mat(t(e$B)), simex = vec(e$ex)), note = "The added errors are read from a file (one column per replicate, one row per subject, the same ones for every lambda), so the result is exact. Least-squares extrapolation in lambda over 0 and the given values, to -1.", ...)
