"""``python -m reflect_analysis`` is the command ``reflect-analysis``."""

from reflect_analysis.cli import main

if __name__ == "__main__":
    main()
