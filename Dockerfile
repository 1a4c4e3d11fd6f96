# The dashboard in a container:
#
#     docker build -t mnist-lab .
#     docker run --rm -p 127.0.0.1:8501:8501 -v mnist-lab:/state mnist-lab
#
# The browser calls it localhost; other names are said with -e STREAMLIT_SERVER_ALLOWED_HOSTS="localhost lab.example".
#
# pip's own index brings torch with CUDA, several GB; `--build-arg PIP_EXTRA_INDEX_URL=...` names one without.
#
# Runs, drawings and the unpacked digits are in the volume /state. When the container stops, its trainings get SIGTERM:
# each saves and is `interrupted`, and goes on where it was with Resume in the next container (`--stop-trainings`). It
# takes some three of the ten seconds that `docker stop` waits. Where that is too short, or after SIGKILL, a training has
# what it saved last, at most 5 seconds before, and Resume begins there.
#
# No container engine was at hand when this was written. Tried by hand, as this user, in a process namespace of its own
# with tini first: the last two commands, the health check, a training, SIGTERM. Not tried: the build, the base image.

FROM python:3.11-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .

FROM python:3.11-slim-bookworm
ARG PIP_EXTRA_INDEX_URL
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /wheel /wheel
RUN pip install --no-cache-dir "$(ls /wheel/*.whl)[kernels,sign-in]" && rm -r /wheel
RUN useradd --uid 10001 --create-home lab && install --directory --owner=lab /state
USER lab
WORKDIR /state
ENV MNIST_HOME=/state
VOLUME /state
EXPOSE 8501
HEALTHCHECK --start-period=60s --interval=30s --timeout=5s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
# An init: trainings whose starter has gone become its children, and it reaps them.
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["mnist-lab", "app", "--stop-trainings", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true"]
