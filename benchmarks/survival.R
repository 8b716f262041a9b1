# Timings of R's survival package for benchmarks/survival.py: Rscript survival.R FOLDER TASK...
# FOLDER holds n.p.bin files of doubles (time, event, then p columns). Prints TASK SECONDS lines.
suppressPackageStartupMessages(library(survival))
args <- commandArgs(trailingOnly = TRUE)
folder <- args[1]
read_table <- function(n, p) {
  v <- readBin(file.path(folder, paste0(n, ".", p, ".bin")), "double", n * (p + 2))
  d <- as.data.frame(matrix(v, n, p + 2))
  names(d) <- c("time", "event", paste0("x", seq_len(p)))
  d
}
best <- function(f, k) min(vapply(seq_len(k), function(i) { gc(FALSE); system.time(f())[["elapsed"]] }, 0))
ten <- as.formula(paste("Surv(time, event) ~", paste0("x", 1:10, collapse = " + ")))
for (task in args[-1]) {
  part <- strsplit(task, ":")[[1]]
  n <- as.integer(part[2])
  seconds <- switch(part[1],
    coxph = {
      d <- read_table(n, 10)
      k <- if (n <= 1e4) 7 else if (n <= 1e5) 5 else 2
      inner <- if (n <= 1e3) 20 else if (n <= 1e4) 3 else 1
      best(function() for (i in seq_len(inner)) coxph(ten, d), k) / inner
    },
    bootstrap = {
      d <- read_table(n, 10)
      set.seed(1)
      best(function() for (i in 1:20) coxph(ten, d[sample.int(n, n, TRUE), ]), 3) / 20
    },
    screen = {
      d <- read_table(n, 60)
      best(function() for (j in 2:60) coxph(Surv(time, event) ~ d[[j + 2]] + x1, d), 3) / 59
    },
    zph = {
      d <- read_table(n, 10)
      fit <- coxph(ten, d)
      best(function() cox.zph(fit), 3)
    },
    concordance = {
      d <- read_table(n, 10)
      best(function() concordance(Surv(time, event) ~ x1, d), if (n <= 1e5) 3 else 1)
    },
    survfit = {
      d <- read_table(n, 10)
      d$group <- d$x1 > 0
      best(function() survfit(Surv(time, event) ~ group, d), if (n <= 1e5) 3 else 1)
    },
    wide = {
      d <- read_table(n, 100)
      all_of_them <- as.formula(paste("Surv(time, event) ~", paste0("x", 1:100, collapse = " + ")))
      best(function() coxph(all_of_them, d), 2)
    })
  cat(task, format(seconds, digits = 8), "\n")
}
cat("versions", paste0("R ", getRversion(), ", survival ", packageVersion("survival")), "\n")
