# The images that compose.yaml runs: the app, and the Altinn simulator with the console. For one machine only; Azure
# takes the package (npm run package).
FROM node:22.23.3-alpine AS build
WORKDIR /src
RUN npm install --global npm@11.19.1
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN node tools/build.ts && node tools/deployment/container.ts /out

FROM node:22.23.3-alpine AS runtime
RUN mkdir /settings && chown node:node /settings
WORKDIR /broker
USER node

FROM runtime AS app
COPY --from=build /out/app ./
ENV NODE_OPTIONS=--max-http-header-size=65536
EXPOSE 7071
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:7071/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "host.mjs", ".", "7071", "0.0.0.0"]

FROM runtime AS local
COPY --from=build /out/local ./
EXPOSE 7072 7073
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:7073/').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "main.mjs"]
