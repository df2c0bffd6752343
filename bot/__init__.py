"""The shell: Telegram in, delivery out, settings, telemetry, command line; everything is composed here."""
