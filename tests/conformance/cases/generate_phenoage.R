# PhenoAge of simulated people: Rscript generate_phenoage.R, in this folder. Formula: Levine and others, Aging 2018;10:573-591,
# by its published coefficients, calibrated creatinine (NCHS, 1999-2000), 141.50225 and the divisor of Liu and others (corrected).
suppressPackageStartupMessages(library(jsonlite)); options(digits = 17)
code <- 'function(d, divisor, cap, calibrated) {
  cr <- if (calibrated) 0.147 + 1.013 * d$creatinine_mg_dl else d$creatinine_mg_dl
  xb <- -19.90667 - 0.03359355 * d$albumin_g_dl * 10 + 0.009506491 * cr * 88.4017 + 0.1953192 * d$glucose_mg_dl * 0.0555 +
    0.09536762 * log(d$crp_mg_l / 10) - 0.01199984 * d$lymphocyte_pct + 0.02676401 * d$mcv_fl + 0.3306156 * d$rdw_pct +
    0.001868778 * d$alp_u_l + 0.05542406 * d$wbc_k_ul + 0.08035356 * d$age
  u <- 141.50225 + (xb + log(0.0055305 * 1.51714 / 0.007692696)) / divisor
  list(phenoage = if (is.null(cap)) u else pmin(u, cap), uncapped = u, mortality10 = -expm1(-1.51714 * exp(xb) / 0.007692696))
}'
phenoage <- eval(parse(text = code))
set.seed(4161); n <- 24
d <- data.frame(age = round(runif(n, 20, 85)), albumin_g_dl = round(rnorm(n, 4.4, 0.3), 1), creatinine_mg_dl = round(rlnorm(n, -0.2, 0.2), 1),
  glucose_mg_dl = round(rlnorm(n, 4.6, 0.2)), crp_mg_l = round(rlnorm(n, 0.8, 1), 1), lymphocyte_pct = round(rnorm(n, 30, 7), 1),
  mcv_fl = round(rnorm(n, 90, 5), 1), rdw_pct = round(rnorm(n, 12.7, 0.9), 1), alp_u_l = round(rlnorm(n, 4.3, 0.3)), wbc_k_ul = round(rlnorm(n, 1.9, 0.25), 1))
d$creatinine_mg_dl[3] <- 11.9; d$age[3] <- 80; d$glucose_mg_dl[9] <- NA; d$crp_mg_l[5] <- 0.1
write.csv(d, "data/phenoage.csv", row.names = FALSE, na = "")
d <- read.csv("data/phenoage.csv", na.strings = "")
case <- function(id, divisor = 0.09165, cap = 100, calibrated = TRUE) list(id = id, data = "data/phenoage.csv",
  r_call = sprintf('d <- read.csv("data/phenoage.csv", na.strings = "")\nf <- %s\nf(d, %s, %s, %s)', code, divisor, if (is.null(cap)) "NULL" else cap, calibrated),
  args = list(analysis = "phenoage", divisor = divisor, cap = cap, calibrate_creatinine = calibrated),
  expected = phenoage(d, divisor, cap, calibrated), rtol = 1e-9, atol = 1e-12)
cases <- list(case("as_used"), case("uncapped", cap = NULL), case("cap_90", cap = 90), case("divisor_0.090165", 0.090165), case("creatinine_as_measured", calibrated = FALSE))
cases[[2]]$args["cap"] <- list(NULL)
writeLines(toJSON(cases, auto_unbox = TRUE, digits = 15, null = "null", na = "null", pretty = 1), "phenoage.json")
