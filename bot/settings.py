"""The settings, from the environment or a `.env` file."""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.addresses import http_parts, is_host
from bot.env_file import mistakes
from storage.database.url import normalise

ENV_FILE = Path(".env")
"""In the working directory; the environment overrides it."""
OF_COMPOSE = frozenset({"POSTGRES_PASSWORD", "GRAFANA_PASSWORD"})
"""Names in a `.env` file that are compose.yaml's."""
SERVED = frozenset({"/livez", "/readyz", "/metrics"})
"""Paths of the bot's own routes, see `bot/service/routes.py`."""
SHIPPED_FLOWS = Path(__file__).resolve().parent.parent / "flows"
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TOKEN = re.compile(r"[0-9]{1,16}:[A-Za-z0-9_-]{30,}")
_ID = re.compile(r"[1-9][0-9]{0,18}")
_LARGEST_ID = 2**63 - 1
_PORT = re.compile(r"[0-9]{1,5}")
_LARGEST_PORT = 65535
# https://core.telegram.org/bots/api#setwebhook
_PORTS_OF_WEBHOOKS = {None, 443, 80, 88, 8443}
# https://docs.sentry.io/platforms/python/configuration/environments/
_ENVIRONMENT = re.compile(r"(?!None$)[^\s/]{1,64}")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_FORMATS = ("console", "json", "ecs")
_TRUTHS = ("true", "false")
_TRIALS = ("require", "warn", "off")


class SettingsError(ValueError):
    """A setting cannot be used; the message is one line for the operator."""


class Settings(BaseSettings):
    """The settings; an empty value counts as none."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_file_encoding="utf-8-sig", env_ignore_empty=True, extra="ignore", frozen=True
    )

    bot_token: SecretStr | None = None
    bot_api_url: str | None = None
    database_url: str = "sqlite:///zavhoz.db"
    admin_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    flows_dir: Path = SHIPPED_FLOWS
    flows_tell_owners: bool = True
    flows_tests: Literal["require", "warn", "off"] = "warn"
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    timezone: str = "Europe/Moscow"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json", "ecs"] = "console"
    sentry_dsn: str | None = None
    sentry_environment: str = "production"

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return ZoneInfo(self.timezone)

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _split_ids(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if not all(_ID.fullmatch(part) and int(part) <= _LARGEST_ID for part in parts):
            raise ValueError("expected Telegram ids of people with commas between them, such as 1001,2002")
        return frozenset(map(int, parts))

    @field_validator("bot_token")
    @classmethod
    def _token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("this is no bot token; @BotFather gives one such as 123456:ABC…")
        return value

    @field_validator("flows_dir")
    @classmethod
    def _folder_of_flows(cls, value: Path) -> Path:
        # A name on the disk may be no text.
        folder = os.fsencode(value).decode("utf-8", "replace")
        such = "name a folder of flows, such as /etc/zavhoz/flows"
        try:
            names = [path.name for path in value.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            raise ValueError(f"there is no folder {folder}; {such}") from None
        except OSError as error:
            raise ValueError(f"the folder {folder} cannot be read: {error.strerror}; {such}") from None
        if not any(name.endswith(".yaml") for name in names):
            raise ValueError(f"the folder {folder} holds no *.yaml file; {such}")
        return value

    @field_validator("flows_tell_owners", mode="before")
    @classmethod
    def _yes_or_no(cls, value: Any) -> bool:
        return _one_of(_TRUTHS, str(value).strip().lower()) == "true"

    @field_validator("flows_tests", mode="before")
    @classmethod
    def _trial_in_any_case(cls, value: Any) -> str:
        return _one_of(_TRIALS, str(value).strip().lower())

    @field_validator("bot_api_url")
    @classmethod
    def _http_address(cls, value: str | None) -> str | None:
        # aiogram appends /bot{token}/{method} and formats the whole: braces of its own would break that.
        if value is not None and (set(value) & set("{}?#") or not http_parts(value)):
            raise ValueError("expected an address such as http://127.0.0.1:8081")
        return value

    @field_validator("webhook_url")
    @classmethod
    def _https_address(cls, value: str | None) -> str | None:
        parts = http_parts(value) if value is not None else None
        if value is not None and (parts is None or parts.scheme != "https"):
            raise ValueError("expected the https address that Telegram calls, such as https://bot.example.org/telegram")
        if parts and parts.port not in _PORTS_OF_WEBHOOKS:
            raise ValueError(
                f"Telegram calls the ports 443, 80, 88 and 8443 alone, not {parts.port}; choose one of them"
            )
        if parts and set(parts.path) & set("{}"):
            # aiohttp would take them for a variable of the route.
            raise ValueError("its path holds { or }; choose another, as in https://bot.example.org/telegram")
        if parts and parts.path in SERVED:
            own = ", ".join(sorted(SERVED))
            raise ValueError(f"its path is one of the bot's own, {own}; choose another, such as /telegram")
        return value

    @field_validator("http_host")
    @classmethod
    def _host_alone(cls, value: str) -> str:
        if not is_host(value):
            raise ValueError("expected an address of this computer, no http:// and no port, such as 127.0.0.1")
        return value

    @field_validator("http_port", mode="before")
    @classmethod
    def _port_number(cls, value: Any) -> int:
        port = str(value).strip()
        if not _PORT.fullmatch(port) or int(port) > _LARGEST_PORT:
            raise ValueError(f"expected a number from 0 to {_LARGEST_PORT}, such as 8080; 0 takes a free port")
        return int(port)

    @field_validator("webhook_secret")
    @classmethod
    def _secret_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("expected 1 to 256 of A-Z, a-z, 0-9, _ and -")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        try:
            normalise(value)
        except ValueError as error:
            raise ValueError(str(error).removeprefix("DATABASE_URL ")) from None
        return value

    @field_validator("sentry_dsn")
    @classmethod
    def _dsn_shape(cls, value: str | None) -> str | None:
        if value is not None and not _is_dsn(value):
            raise ValueError("expected a DSN such as https://key@sentry.example.org/1")
        return value

    @field_validator("sentry_environment")
    @classmethod
    def _environment_name(cls, value: str) -> str:
        if not (_ENVIRONMENT.fullmatch(value) and value.isprintable()):
            raise ValueError("expected at most 64 characters without blanks and /, and not None; such as production")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _level_in_any_case(cls, value: Any) -> str:
        return _one_of(_LEVELS, str(value).strip().upper())

    @field_validator("log_format", mode="before")
    @classmethod
    def _format_in_any_case(cls, value: Any) -> str:
        return _one_of(_FORMATS, str(value).strip().lower())

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"unknown time zone {value!r}; expected one such as Europe/Moscow") from None
        return value


def read_settings(env_file: Path | None = ENV_FILE, **overrides: Any) -> Settings:
    """Return the settings; raises SettingsError with one line that names each that cannot be used, never its secret."""
    known = {name.upper() for name in Settings.model_fields} | OF_COMPOSE
    if env_file and (wrong := mistakes(env_file, known)):
        raise SettingsError("; ".join(wrong))
    try:
        return Settings(_env_file=env_file, **overrides)
    except ValidationError as error:
        raise SettingsError("; ".join(map(_worded, error.errors()))) from None


def _is_dsn(address: str) -> bool:
    """Return whether Sentry's client would accept a DSN: a key before the @, a project's number at the end."""
    parts = http_parts(address)
    return bool(parts and parts.username and re.fullmatch(r".*/[0-9]+", parts.path))


def _one_of(allowed: tuple[str, ...], value: str) -> str:
    if value not in allowed:
        raise ValueError(f"expected {', '.join(allowed[:-1])} or {allowed[-1]}")
    return value


def _worded(error: ErrorDetails) -> str:
    # A value that is quoted may be of several lines.
    reason = " ".join(error["msg"].removeprefix("Value error, ").split())
    return f"{str(error['loc'][0]).upper()}: {reason}"
