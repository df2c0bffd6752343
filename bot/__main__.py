"""`python -m bot` is the same as `zavhoz`."""

from bot.cli import main

main()
