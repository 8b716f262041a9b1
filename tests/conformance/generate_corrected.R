# What R gives when an error of R is worked around: corrected.json, beside this file.
# R 4.2.2, survival 3.5-3. Run: Rscript generate_corrected.R
suppressPackageStartupMessages({library(survival); library(jsonlite)})

finegray_weights_strata <- function() {
  d <- read.csv("cases/data/more_mgus.csv", na.strings = "")
  d <- subset(d, !is.na(mspike))
  d$ev <- factor(d$event, levels = 0:2, labels = c("censor", "pcm", "death"))
  d$row <- seq_len(nrow(d))
  f <- finegray(Surv(etime, ev) ~ age + mspike + row + strata(sex), data = d, etype = "death")
  f$fgwt <- f$fgwt * d$w[f$row]
  fit <- coxph(Surv(fgstart, fgstop, fgstatus) ~ age + mspike, data = f, weights = fgwt,
               cluster = row, control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 60))
  s <- summary(fit)$coefficients
  list(
    reason = paste("R is wrong: finegray of survival 3.5-3 with weights and strata multiplies the rows of",
                   "every stratum by the weights of the first rows of the data, not by their own"),
    r_call = paste("f <- finegray(..., strata(sex)); f$fgwt <- f$fgwt * d$w[f$row]: weights multiplied",
                   "in afterwards"),
    expected = list(
      sum_of_weights = sum(f$fgwt), weighted_time = sum(f$fgwt * (f$fgstop - f$fgstart)),
      first_rows = list(fgwt = head(f$fgwt, 20)),
      cox = list(coef = unname(coef(fit)), se = unname(s[, "se(coef)"]),
                 robust_se = unname(s[, "robust se"]), z = unname(s[, "z"]),
                 p = unname(s[, "Pr(>|z|)"]))))
}

out <- list(finegray_mgus_weights_strata = finegray_weights_strata())
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "corrected.json")
