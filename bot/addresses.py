"""Validation of hosts and of http addresses in settings."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

_NAME = re.compile(rb"[A-Za-z0-9_.-]+")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")


def is_host(name: str) -> bool:
    """Return whether this may be a host's name or address; an IPv6 address is without brackets."""
    try:
        if ":" in name:
            return bool(ipaddress.IPv6Address(name))
        # As the resolver does first: a name with dots side by side, or one too long, is not even looked up.
        return bool(_NAME.fullmatch(name.encode("idna")))
    except ValueError:
        return False


def http_parts(address: str) -> SplitResult | None:
    """Return the parts of an http or https address, None where it is none."""
    try:
        # Before urlsplit, which drops line ends and tabs silently.
        if _BLANK.search(address):
            return None
        parts = urlsplit(address)
        is_whole = parts.scheme in {"http", "https"} and is_host(parts.hostname or "") and parts.port != 0
    except ValueError:
        return None
    return parts if is_whole else None
