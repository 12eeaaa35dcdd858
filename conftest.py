"""What every test and doctest shares: a cache of its own, away from the user's."""

import atexit
import os
import shutil
import tempfile

if "REFLECT_CACHE" not in os.environ:
    _FOLDER = tempfile.mkdtemp(prefix="reflect-cache-")
    os.environ["REFLECT_CACHE"] = _FOLDER
    atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
