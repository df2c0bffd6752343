"""`python -m bot` is the same as `zavhoz`."""

from bot.cli.main import main

main()
