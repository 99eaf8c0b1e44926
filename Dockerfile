# The image of Gatehouse, from the tarball of `npm run build` (docs/install.md):
#   npm run build && docker build --tag gatehouse .
# The image runs as a user without rights, with a read-only root file system: --read-only --cap-drop=ALL.

FROM node:24-bookworm-slim AS install
COPY gatehouse-*.tgz /tmp/
# The tarball brings its own Node. The link makes it the only one in the image below.
RUN npm install --global --prefix /opt/gatehouse --no-audit --no-fund /tmp/gatehouse-*.tgz \
  && cd /opt/gatehouse/bin \
  && ln -s ../lib/node_modules/@gatehouse/gatehouse/node_modules/node-linux-*/bin/node node

FROM debian:bookworm-slim
# Node needs libatomic1. ca-certificates has the roots for upstreams over TLS.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates libatomic1 \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 65532 gatehouse \
  && useradd --uid 65532 --gid 65532 --home-dir /var/lib/gatehouse --shell /usr/sbin/nologin gatehouse \
  && install -d -o gatehouse -g gatehouse -m 0700 /var/lib/gatehouse
COPY --from=install /opt/gatehouse /opt/gatehouse

# Inside a container, only the ports that you publish can be reached.
ENV PATH=/opt/gatehouse/bin:/usr/local/bin:/usr/bin:/bin \
  GATEHOUSE_DATA=/var/lib/gatehouse \
  GATEHOUSE_GATEWAY_LISTEN=0.0.0.0:8443 \
  GATEHOUSE_CONTROL_LISTEN=0.0.0.0:9443 \
  GATEHOUSE_PKI_LISTEN=0.0.0.0:9080
EXPOSE 8443 9443 9080
VOLUME /var/lib/gatehouse
# Gatehouse finds a configuration file that is mounted here: gatehouse.config.ts or .json.
WORKDIR /etc/gatehouse
# By number, so that Kubernetes can see that it is not root.
USER 65532:65532
# By address: a minimal root may have no /etc/hosts.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
  CMD ["gatehouse", "request", "--check", "--timeout", "5s", "https://127.0.0.1:9443/healthz"]
ENTRYPOINT ["gatehouse"]
CMD ["up"]
