"""How many updates a second the bot handles, beside the same dialog in other libraries: `make bench`."""
