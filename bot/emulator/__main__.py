"""`python -m bot.emulator` runs the emulator."""

from bot.emulator.standalone import main

main()
