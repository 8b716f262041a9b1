"""Statistics for face-derived biological age, with R's names and R's numbers.

Public names are listed, room by room, in ``__init__.pyi``: editors and type checkers read them
there, and Python imports each on first use, so that ``import faceage_stats`` stays fast.
"""

import lazy_loader

__version__ = "0.2.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
