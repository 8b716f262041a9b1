# Reference values for test_competing_risks.py: R 4.2.2, cmprsk 2.2-11.
# Rscript competing_risks.R  (writes competing_risks.json beside itself)
suppressPackageStartupMessages({library(cmprsk); library(jsonlite)})
set.seed(5); n <- 120
d <- data.frame(time = ceiling(rexp(n) * 8), status = sample(0:2, n, TRUE), x = round(rnorm(n), 3),
                z = rbinom(n, 1, .4), g = sample(0:1, n, TRUE), k = sample(1:3, n, TRUE))
fit <- function(cg) {
  m <- crr(d$time, d$status, as.matrix(d[, c("x", "z")]), cengroup = cg, gtol = 1e-12, maxiter = 50)
  list(coef = unname(m$coef), var = unname(m$var))
}
gray <- function(...) unname(cuminc(d$time, d$status, ...)$Tests[, "stat"])
u <- cuminc(d$time, d$status, d$k); tp <- timepoints(u, c(2, 5, 10))
writeLines(toJSON(list(data = d, crr = fit(rep(0, n)), crr_grouped = fit(d$g),
  gray = gray(d$k), gray_stratified_rho = gray(d$k, d$g, rho = .5),
  estimate = unname(tp$est), variance = unname(tp$var)), digits = NA, auto_unbox = TRUE),
  "competing_risks.json")
