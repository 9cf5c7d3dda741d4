"""Make patient handouts: ``python generate.py --help``."""

from handouts.cli import main

if __name__ == "__main__":
    main()
