FROM python:3.13-slim-bookworm AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/zavhoz \
    && /opt/zavhoz/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md ./
COPY engine ./engine
COPY storage ./storage
COPY bot ./bot
COPY flows ./flows
COPY migrations ./migrations
RUN /opt/zavhoz/bin/pip install --no-cache-dir --no-deps . \
    && /opt/zavhoz/bin/zavhoz check

FROM python:3.13-slim-bookworm
RUN useradd --no-log-init --user-group --uid 10001 --home-dir /var/lib/zavhoz --create-home --shell /usr/sbin/nologin zavhoz
COPY --from=build /opt/zavhoz /opt/zavhoz
ENV PATH=/opt/zavhoz/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HTTP_HOST=0.0.0.0 \
    HTTP_PORT=8080
USER 10001:10001
# A SQLite database would stand here; compose.yaml has PostgreSQL instead.
WORKDIR /var/lib/zavhoz
EXPOSE 8080
# The image has no curl. Not ready is an HTTP error, which is an exit code.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"HTTP_PORT\"]}/readyz', timeout=4)"]
ENTRYPOINT ["zavhoz"]
CMD ["run"]
