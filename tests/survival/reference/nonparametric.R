# Reference values for test_survfit.py and test_concordance.py: R 4.2.2, survival 3.5-3.
# Rscript nonparametric.R  (writes nonparametric.json beside itself)
suppressPackageStartupMessages({library(survival); library(jsonlite)})
set.seed(1); n <- 60
d <- data.frame(entry = round(runif(n, 0, 3)))
d$time <- d$entry + ceiling(runif(n, 0, 8)); d$event <- rbinom(n, 1, .6)
d$w <- round(runif(n, .2, 3), 3); d$id <- sample(1:15, n, TRUE); d$x <- round(rnorm(n) * 3)
forms <- list(right = Surv(time, event) ~ 1, delayed = Surv(entry, time, event) ~ 1)
curves <- list()
for (k in names(forms)) for (v in c("weights", "cluster", "both")) for (ct in 1:2) {
  a <- list(forms[[k]], data = d, ctype = ct)
  if (v != "cluster") a$weights <- d$w
  if (v != "weights") a$cluster <- d$id
  f <- do.call(survfit, a)
  curves[[paste(k, v, ct)]] <- list(n_risk = f$n.risk, surv = f$surv, std_err = f$std.err,
                                    cumhaz = f$cumhaz, cumhaz_se = f$std.chaz)
}
conc <- list()
for (tw in c("n", "S", "S/G", "n/G2", "I")) for (ym in c(6, 100)) {
  f <- concordance(Surv(time, event) ~ x, d, weights = w, timewt = tw, ymax = ym, cluster = id,
                   influence = 3)
  conc[[paste(tw, ym)]] <- list(concordance = unname(f$concordance), var = f$var,
    count = unname(f$count), influence = unname(f$influence))
}
f <- concordance(Surv(entry, time, event) ~ x, d, weights = w, influence = 3)
conc[["delayed"]] <- list(concordance = unname(f$concordance), var = f$var, count = unname(f$count),
  influence = unname(f$influence))
writeLines(toJSON(list(data = d, curves = curves, concordance = conc), digits = NA, auto_unbox = TRUE),
  "nonparametric.json")
