"""`python -m bot.emulator` starts the stand."""

from bot.emulator.stand import main

main()
