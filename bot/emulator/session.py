"""An aiogram session that talks to the emulator within the process, without HTTP.

Requests are built as aiogram's own HTTP session builds them and responses are checked by aiogram, so
Telegram's errors surface as aiogram's exceptions.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, cast

from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramNetworkError
from aiohttp import ClientResponseError, RequestInfo
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from bot.emulator.errors import ApiError, ConnectionLost
from bot.emulator.params import Upload

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from aiogram import Bot
    from aiogram.methods import TelegramMethod
    from aiogram.methods.base import TelegramType
    from aiogram.types import InputFile

    from bot.emulator.telegram import Emulator


class EmulatorSession(BaseSession):
    """Give it to `aiogram.Bot(token=emulator.token, session=EmulatorSession(emulator))`."""

    def __init__(self, emulator: Emulator, timeout: float = 60.0) -> None:
        super().__init__(timeout=timeout)
        self.emulator = emulator

    async def close(self) -> None:
        """Nothing is held open."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 -- aiogram's signature
    ) -> TelegramType:
        """Call one method; raises what aiogram raises, `TelegramNetworkError` at a broken connection."""
        values, uploads = await self._form(bot, method)
        try:
            async with asyncio.timeout(self.timeout if timeout is None else timeout):
                reply = await self.emulator.call(bot.token, method.__api_method__, values, uploads)
        except TimeoutError as error:
            raise TelegramNetworkError(method=method, message="Request timeout error") from error
        except ConnectionLost as error:
            raise TelegramNetworkError(method=method, message=f"ServerDisconnectedError: {error}") from error
        response = self.check_response(bot, method, reply.status, json.dumps(reply.body))
        return cast("TelegramType", response.result)

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,  # noqa: ASYNC109 -- aiogram's signature
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """Download a file by its address; raises what aiohttp raises at a bad status or a broken line."""
        token, _, path = url.partition("/file/bot")[2].partition("/")
        try:
            async with asyncio.timeout(timeout):
                content = await self.emulator.download(token, path)
        except ApiError as error:
            if raise_for_status:
                raise _bad_status(url, error) from error
            content = json.dumps(error.body()).encode()
        except ConnectionLost as error:
            raise ConnectionResetError(str(error)) from error
        for start in range(0, len(content), chunk_size):
            yield content[start : start + chunk_size]

    async def _form(self, bot: Bot, method: TelegramMethod[TelegramType]) -> tuple[dict[str, str], dict[str, Upload]]:
        files: dict[str, InputFile] = {}
        values = {
            name: prepared
            for name, value in method.model_dump(warnings=False).items()
            if (prepared := self.prepare_value(value, bot=bot, files=files))
        }
        uploads = {}
        for key, file in files.items():
            content = b"".join([chunk async for chunk in file.read(bot)])
            uploads[key] = Upload(file.filename or key, content)
        return values, uploads


def _bad_status(url: str, error: ApiError) -> ClientResponseError:
    address = URL(url)
    request = RequestInfo(address, "GET", CIMultiDictProxy(CIMultiDict()), address)
    return ClientResponseError(request, (), status=error.code, message=error.description)
