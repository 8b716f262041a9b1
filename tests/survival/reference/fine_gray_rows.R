# Reference values for test_finegray.py: R 4.2.2, survival 3.5-3.
# Rscript fine_gray_rows.R  (writes fine_gray_rows.json beside itself)
suppressPackageStartupMessages({library(survival); library(jsonlite)})
set.seed(11); n <- 60
d <- data.frame(id = 1:n, x = round(rnorm(n), 2), z = rbinom(n, 1, .4),
                g = sample(c("a", "b"), n, TRUE), w = sample(c(.5, 1, 1.7, 2), n, TRUE))
d$entry <- round(runif(n, 0, 4)); d$entry[1:3] <- 0
d$time <- d$entry + pmax(1, round(rexp(n, .12) + 2)); d$status <- sample(0:2, n, TRUE, c(.3, .4, .3))
# a visit after two units, with another x: patients with two rows
two <- do.call(rbind, lapply(seq_len(n), function(i) {
  a <- d[i, ]; if (a$time - a$entry <= 2) return(a)
  b <- a; a$time <- b$entry <- a$entry + 2; a$status <- 0; b$x <- b$x + .5; rbind(a, b)
}))
states <- function(d) { d$ev <- factor(d$status, 0:2, c("none", "r", "d")); d }
control <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 60)
fit <- function(f, right = ~ x + z) {
  m <- coxph(update(right, Surv(fgstart, fgstop, fgstatus) ~ .), data = f, weights = fgwt,
             cluster = id, ties = "breslow", control = control)
  list(n_rows = nrow(f), weighted_time = sum(f$fgwt * (f$fgstop - f$fgstart)),
       coef = unname(coef(m)), se = unname(sqrt(diag(vcov(m)))), zph = unname(cox.zph(m)$table[, 1]))
}
out <- list(data = d, two = two,
  plain = fit(finegray(Surv(time, ev) ~ ., states(d), etype = "r")),
  weighted = fit(finegray(Surv(time, ev) ~ ., states(d), weights = w, etype = "r")),
  entry = fit(finegray(Surv(entry, time, ev) ~ ., states(d), id = id, etype = "r")),
  two_rows = fit(finegray(Surv(entry, time, ev) ~ ., states(two), id = id, etype = "r")))
# R 3.5-3 takes the weights of the first rows for every stratum; so they are multiplied in here
f <- finegray(Surv(time, ev) ~ x + z + id + g + w + strata(g), states(d), etype = "d")
f$fgwt <- f$fgwt * f$w
out$strata <- fit(f, ~ x + z + strata(g))
m <- coxph(Surv(fgstart, fgstop, fgstatus) ~ x + z + strata(g), f, weights = fgwt, cluster = id,
           ties = "breslow", control = control)
s <- survfit(m, newdata = data.frame(x = .3, z = 1, g = c("a", "b")))
out$strata$incidence <- 1 - summary(s, times = c(3, 8))$surv
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE), "fine_gray_rows.json")
