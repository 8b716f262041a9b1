# Timings and numbers of R's survival package for benchmarks/flchain.py, on survival::flchain.
suppressPackageStartupMessages(library(survival))
d <- subset(flchain, futime > 0)
d$years <- d$futime / 365.25
d$flc <- log2(d$kappa + d$lambda)
options(digits = 15)
best <- function(f) min(vapply(1:7, function(i) system.time(for (j in 1:5) f())[["elapsed"]] / 5, 0))
base <- coxph(Surv(years, death) ~ age + sex, d)
fit <- coxph(Surv(years, death) ~ flc + age + sex, d)
c2 <- concordance(base, fit)
cat("Cox model with concordance,", best(function() coxph(Surv(years, death) ~ flc + age + sex, d)), ",", coef(fit)[1], "\n", sep = "")
cat("proportional hazards,", best(function() cox.zph(fit)), ",", cox.zph(fit)$table["GLOBAL", 1], "\n", sep = "")
cat("Kaplan-Meier by sex,", best(function() survfit(Surv(years, death) ~ sex, d)), ",",
    summary(survfit(Surv(years, death) ~ sex, d), times = 10)$surv[1], "\n", sep = "")
cat("gain of the C index,", best(function() concordance(base, fit)), ",", diff(coef(c2)), "\n", sep = "")
cat("likelihood ratio,,", 2 * (fit$loglik[2] - base$loglik[2]), "\n", sep = "")
