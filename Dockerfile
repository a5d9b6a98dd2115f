# keydrift for jobs and CI: docker build -t keydrift . && docker run --rm keydrift --version
FROM node:22-bookworm-slim AS build
WORKDIR /keydrift
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN mkdir /packed && npm pack --pack-destination /packed

# For images without Node: COPY --from=keydrift-executable /keydrift /usr/local/bin/keydrift, of
# docker build --target executable -t keydrift-executable .
FROM build AS executables
ARG TARGETARCH=amd64
RUN npm run executables -- /executables \
  && cp "/executables/keydrift-linux-$(echo "$TARGETARCH" | sed s/amd64/x64/)" /executables/keydrift
FROM scratch AS executable
COPY --from=executables /executables/keydrift /keydrift
ENTRYPOINT ["/keydrift"]

FROM node:22-bookworm-slim
# git reads the reviewed copies; tini is pid 1: it forwards signals and reaps what a command leaves.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git git-lfs tini \
  && rm -rf /var/lib/apt/lists/*
RUN --mount=type=bind,from=build,source=/packed,target=/packed \
  npm install --global --no-audit --no-fund /packed/keydrift-*.tgz \
  && npm cache clean --force
USER node
WORKDIR /work
ENTRYPOINT ["/usr/bin/tini", "--", "keydrift"]
CMD ["--help"]
