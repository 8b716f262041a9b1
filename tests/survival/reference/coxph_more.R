# Values for tests/survival/test_coxph_predict.py and test_zph.py. Run in this folder with
# Rscript coxph_more.R; writes coxph_more.json.
suppressPackageStartupMessages({library(survival); library(jsonlite)})
dir <- "../../conformance/cases/data"
rd <- function(f) read.csv(file.path(dir, f), na.strings = "")
v <- rd("veteran.csv"); l <- rd("lung.csv"); g <- rd("gbsg.csv"); h <- rd("heart.csv")
v$celltype <- factor(v$celltype, levels = c("squamous", "smallcell", "adeno", "large"))
out <- list()
m <- function(x) { x <- unname(as.matrix(x)); x[!is.finite(x)] <- NA; x }
pred <- function(fit, nd, type, ...) { p <- predict(fit, newdata = nd, type = type, se.fit = TRUE, ...)
  list(fit = m(p$fit), se = m(p$se.fit)) }
curve <- function(s) list(surv = m(t(s$surv)), se = m(t(s$std.err)), lower = m(t(s$lower)), upper = m(t(s$upper)))

f <- coxph(Surv(time, status) ~ karno + celltype, v)
nd <- data.frame(karno = c(30, 70), celltype = factor(c("adeno", "squamous"), levels(v$celltype)), time = c(50, 200), status = c(1, 0))
out$veteran <- list(lp = pred(f, nd, "lp"), lp_zero = pred(f, nd, "lp", reference = "zero"), risk = pred(f, nd, "risk"),
  expected = pred(f, nd, "expected"), survival = pred(f, nd, "survival"), terms = pred(f, nd, "terms"),
  own_expected = lapply(predict(f, type = "expected", se.fit = TRUE), head, 6),
  own_risk = lapply(predict(f, type = "risk", se.fit = TRUE), head, 6))

f <- coxph(Surv(time, status) ~ age + ph_ecog + strata(sex) + offset(0.01 * wt_loss), l)
nd <- data.frame(age = c(50, 70), ph_ecog = c(0, 2), sex = c(2, 1), wt_loss = c(0, 10), time = c(200, 400), status = c(1, 1))
out$lung_strata_offset <- list(coef = unname(coef(f)), lp = pred(f, nd, "lp"), lp_sample = pred(f, nd, "lp", reference = "sample"),
  own_lp = lapply(predict(f, type = "lp", se.fit = TRUE), function(z) unname(head(z, 6))),
  curve = curve(summary(survfit(f, newdata = nd[2, ]), times = c(100, 300))))

f <- coxph(Surv(start, stop, event) ~ age + surgery + transplant, h, cluster = id)
out$heart <- list(own_expected = lapply(predict(f, type = "expected", se.fit = TRUE), function(z) unname(head(z, 6))),
  curve = curve(summary(survfit(f, newdata = data.frame(age = c(-5, 5), surgery = 0:1, transplant = c(0, 1)), conf.type = "log-log"), times = c(10, 100, 500))),
  deviance = unname(head(residuals(f, "deviance"), 6)))

f <- coxph(Surv(rfstime, status) ~ age + factor(grade) + hormon + strata(meno), g, weights = w_frac, ties = "breslow")
out$gbsg_weights <- list(coef = unname(coef(f)), rscore = f$rscore, curve = curve(summary(survfit(f, newdata = data.frame(age = 50, grade = 2, hormon = 1, meno = 1)), times = c(500, 1500))),
  own_lp = lapply(predict(f, type = "lp", se.fit = TRUE), function(z) unname(head(z, 6))),
  score = m(head(residuals(f, "score"), 4)), means = unname(f$means))

# proportional hazards: start-stop with strata and ties, a covariate constant within a stratum, weights, Breslow
z <- function(fit, tr, terms = TRUE) { z <- cox.zph(fit, transform = tr, terms = terms)
  list(chisq = unname(z$table[, 1]), df = unname(z$table[, 2]), p = unname(z$table[, 3]), x = head(z$x, 6), time = head(z$time, 6), y = m(head(z$y, 6))) }
g$w_int <- as.numeric(g$w_int)
h2 <- h; h2$stop2 <- ceiling(h2$stop / 20) * 20; h2$start2 <- floor(h2$start / 20) * 20
out$zph_heart_ties <- z(coxph(Surv(start2, stop2, event) ~ age + transplant + strata(surgery), h2), "rank")
out$zph_heart_breslow_km <- z(coxph(Surv(start2, stop2, event) ~ age + surgery, h2, ties = "breslow"), "km")
l2 <- l; l2$menonly <- ifelse(l2$sex == 1, l2$meal_cal / 100, 0)
out$zph_constant_in_stratum <- z(coxph(Surv(time, status) ~ age + menonly + strata(sex), l2), "identity")
out$zph_weights_factor <- z(coxph(Surv(rfstime, status) ~ age + factor(grade) + strata(meno), g, weights = w_int), "log")
out$zph_weights_columns <- z(coxph(Surv(rfstime, status) ~ age + factor(grade) + strata(meno), g, weights = w_int), "km", FALSE)
out$zph_singular <- z(coxph(Surv(time, status) ~ age + I(2 * age) + sex, l), "km")

# fits with starting values
f0 <- coxph(Surv(time, status) ~ age + sex, l, init = c(0.01, -0.4))
f00 <- coxph(Surv(time, status) ~ age + sex, l, init = c(0.01, -0.4), iter.max = 0)
out$init <- list(loglik = f0$loglik, score = f0$score, wald = f0$wald.test, loglik_held = f00$loglik, var_held = m(f00$var))
fr <- coxph(Surv(time, status) ~ age + sex, l, robust = TRUE)
out$robust <- list(var = m(fr$var), rscore = fr$rscore, wald = fr$wald.test)
out$versions <- list(R = R.version.string, survival = as.character(packageVersion("survival")))
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null", pretty = 1), "coxph_more.json")
