"""`python -m bot.local` starts the stand."""

from bot.local.stand import main

main()
