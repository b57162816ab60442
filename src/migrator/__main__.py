"""`python -m migrator` is `flask-to-fastapi`."""

from migrator.cli.app import main

if __name__ == "__main__":
    main()
