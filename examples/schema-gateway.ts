import { parseGatewayConfig } from "@hxp/schema-gateway";

const config = parseGatewayConfig({
  models: {
    guide: {
      upstreams: [{ url: "http://127.0.0.1:8080/v1", token: "${env:ENGINE_TOKEN}" }],
      limits: { tokensPerMinute: 100_000 },
    },
  },
  timeouts: { firstToken: "20s" },
});
console.log(config.timeouts.firstToken, config.drain.deadline); // 20000 30000
console.log(String(config.models["guide"]?.upstreams[0]?.token)); // Secret(${env:ENGINE_TOKEN})

try {
  parseGatewayConfig({ models: { guide: { upstreams: [{}], fallbacks: ["other"] } } });
} catch (error) {
  console.log(String(error)); // both at once: neither url nor socket, and a fallback that is no model
}
