"""Formulas in R's manner: `Surv(time, event) ~ age + C(site, ref="breast") + strata(sex)`."""
