"""What an operator sets, in the environment or in a `.env` file."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from storage.url import normalise

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TOKEN = re.compile(r"[0-9]{1,16}:[A-Za-z0-9_-]{30,}")
SERVED = frozenset({"/livez", "/readyz", "/metrics"})
"""Paths at which the bot tells how it is."""
SHIPPED_FLOWS = Path(__file__).resolve().parent.parent / "flows"


class SettingsError(ValueError):
    """A setting cannot be used; the message is one line for the operator."""


class Settings(BaseSettings):
    """The settings; an empty value counts as none."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    bot_token: SecretStr | None = None
    bot_api_url: str | None = None
    database_url: str = "sqlite:///zavhoz.db"
    admin_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    flows_dir: Path = SHIPPED_FLOWS
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
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
        if not all(part.isascii() and part.isdecimal() for part in parts):
            raise ValueError("expected Telegram ids with commas between them, such as 1001,2002")
        return frozenset(map(int, parts))

    @field_validator("bot_token")
    @classmethod
    def _token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("this is no bot token; @BotFather gives one such as 123456:ABC…")
        return value

    @field_validator("flows_dir")
    @classmethod
    def _folder_there(cls, value: Path) -> Path:
        if not value.is_dir():
            raise ValueError(f"there is no folder {value}")
        return value

    @field_validator("bot_api_url")
    @classmethod
    def _http_address(cls, value: str | None) -> str | None:
        if value is not None and not _is_http(value):
            raise ValueError("expected an address such as http://127.0.0.1:8081")
        return value

    @field_validator("webhook_url")
    @classmethod
    def _https_address(cls, value: str | None) -> str | None:
        if value is not None and not (_is_http(value) and value.startswith("https://")):
            raise ValueError("expected the https address that Telegram calls, such as https://bot.example.org/telegram")
        if value is not None and set(urlsplit(value).path) & set("{}"):
            # aiohttp would take them for a place that anything may stand in.
            raise ValueError("its path holds { or }; choose another")
        if value is not None and urlsplit(value).path in SERVED:
            raise ValueError(f"its path is one of the bot's own, {', '.join(sorted(SERVED))}; choose another")
        return value

    @field_validator("http_host")
    @classmethod
    def _host_name(cls, value: str) -> str:
        try:
            # As every look-up does first: with dots side by side, or too long, it is not even looked up.
            value.encode("idna")
        except UnicodeError:
            raise ValueError(f"{value!r} is no name of a host") from None
        return value

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

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _any_case(cls, value: Any, info: ValidationInfo) -> Any:
        return str(value).upper() if info.field_name == "log_level" else str(value).lower()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"unknown time zone {value!r}; expected one such as Europe/Moscow") from None
        return value


def read_settings(**overrides: Any) -> Settings:
    """Return the settings; raises SettingsError with one line that names each that cannot be used, never its secret."""
    try:
        return Settings(**overrides)
    except UnicodeDecodeError:
        raise SettingsError(".env is not written in UTF-8") from None
    except ValidationError as error:
        lines = [f"{str(each['loc'][0]).upper()}: {_reason(each['msg'])}" for each in error.errors()]
        raise SettingsError("; ".join(lines)) from None


def _is_http(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_dsn(address: str) -> bool:
    """Tell whether Sentry's client would take a DSN: a key before the @, a project's number at the end."""
    return _is_http(address) and bool(urlsplit(address).username) and address.rpartition("/")[2].isdecimal()


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")
