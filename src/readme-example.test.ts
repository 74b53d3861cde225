/** The README's examples for containers, clusters and CI: well formed, and of real commands. */
import { expect, test } from "bun:test";
import { parseCommandLine } from "./cli.ts";
import { readImage } from "./testing/dockerfile.ts";
import {
  at,
  example,
  examples,
  stepsOf,
  type Tree,
  unitExample,
  type WorkflowStep,
  yamlExample,
} from "./testing/readme-example.ts";

const pullRequest = ".github/workflows/migrations.yml";
const deploy = ".github/workflows/deploy.yml";
const service = "/etc/systemd/system/shop-migrate.service";

/** Throws where the grammar does not take it. */
function parsed(words: readonly string[]): string {
  const invocation = parseCommandLine(words);
  return invocation.kind === "command" ? invocation.command.name : invocation.kind;
}

function keys(tree: Tree): readonly string[] {
  return Object.keys(tree as object);
}

test("these are all", () => {
  expect([...examples.keys()]).toEqual([
    "compose.yaml", "migrations.Dockerfile", "migrate-job.yaml", "app-deployment.yaml",
    pullRequest, deploy, service,
  ]);
});

test("Compose: the app waits until the migrations have ended well", () => {
  const services = at(yamlExample("compose.yaml"), "services");
  expect(at(services, "app.depends_on.migrate.condition")).toBe("service_completed_successfully");
  const migrate = at(services, "migrate");
  // It says no command, so that the image's own is what runs.
  expect(keys(migrate)).toEqual(["image", "read_only", "volumes", "environment", "depends_on"]);
  expect(at(migrate, "image")).toBe("pgmate");
  expect(at(migrate, "read_only")).toBe(true);
  expect(at(migrate, "volumes.0")).toBe("./db:/db:ro");
  const url = new URL(String(at(migrate, "environment.DATABASE_URL")));
  expect(keys(services)).toContain(url.hostname);
  const password = at(services, "db.environment.POSTGRES_PASSWORD");
  expect(at(migrate, "environment.PGPASSWORD")).toBe(password);
});

test("an image with its files: they lie where pgmate looks for them", () => {
  const { entrypoint } = readImage();
  expect(entrypoint).toEqual(["/pgmate"]);
  expect(example("migrations.Dockerfile")).toBe(
    "FROM pgmate\nCOPY db/migrations /db/migrations\n",
  );
});

test.each([
  ["migrate-job.yaml", "Job", "spec.template.spec.containers.0"],
  ["app-deployment.yaml", "Deployment", "spec.template.spec.initContainers.0"],
])("Kubernetes, %s: the image's own command, and the least rights", (name, kind, path) => {
  const tree = yamlExample(name);
  expect(at(tree, "kind")).toBe(kind);
  const container = at(tree, path);
  expect(keys(container)).toEqual(["name", "image", "env", "securityContext"]);
  expect(at(container, "env.0.name")).toBe("DATABASE_URL");
  expect(at(container, "env.0.valueFrom.secretKeyRef")).toEqual({ name: "shop-db", key: "url" });
  // What the Pod Security Standard "restricted" asks for, and the file system on top.
  expect(at(container, "securityContext")).toEqual({
    runAsNonRoot: true,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  });
});

test("Kubernetes: a pod of the Deployment is one that it selects, a Job ends", () => {
  const spec = at(yamlExample("app-deployment.yaml"), "spec");
  expect(at(spec, "template.metadata.labels")).toEqual(at(spec, "selector.matchLabels"));
  expect(at(spec, "replicas")).toBeGreaterThan(1);
  const job = at(yamlExample("migrate-job.yaml"), "spec.template.spec");
  expect(at(job, "restartPolicy")).toBe("Never");
});

/** The commands of pgmate among the steps, each after the step that installs it. */
function commandsOf(steps: readonly WorkflowStep[]): readonly string[] {
  const install = steps.findIndex(({ run }) => run === "npm ci");
  expect(steps.findIndex(({ uses }) => uses?.startsWith("actions/checkout@"))).toBe(install - 1);
  return steps.flatMap(({ run }, index) => {
    const words = run?.replace(/ >> .*/, "").replaceAll('"', "").split(" ") ?? [];
    if (words[0] !== "npx" || words[1] !== "pgmate") return [];
    expect(index).toBeGreaterThan(install);
    return [parsed(words.slice(2))];
  });
}

test("GitHub: a pull request is planned and linted, each told whatever the other says", () => {
  const steps = stepsOf(pullRequest, "review");
  expect(commandsOf(steps)).toEqual(["plan", "lint"]);
  expect(at(yamlExample(pullRequest), "on.pull_request.paths")).toEqual(["db/migrations/**"]);
  const told = steps.filter(({ run }) => /^gh |^npx pgmate lint/.test(run ?? ""));
  expect(told.map((step) => step.if)).toEqual(["${{ !cancelled() }}", "${{ !cancelled() }}"]);
});

test("GitHub: a deploy plans, is approved, backs up, migrates, looks at the health", () => {
  const workflow = yamlExample(deploy);
  expect(commandsOf(stepsOf(deploy, "plan"))).toEqual(["plan", "plan"]);
  const job = at(workflow, "jobs.migrate");
  expect(at(job, "needs")).toBe("plan");
  expect(at(job, "environment")).toBe("production");
  // Two deploys at once would each spoil the other's plan.
  expect(at(workflow, "concurrency")).toBeString();
  const steps = stepsOf(deploy, "migrate");
  expect(commandsOf(steps)).toEqual(["up"]);
  const order = ["pg_dump ", "npx pgmate ", "curl "].map((word) => {
    return steps.findIndex(({ run }) => run?.startsWith(word));
  });
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(order).not.toContain(-1);
});

test("systemd: one shot, before the app, which does not start without it", () => {
  const unit = unitExample(service);
  expect(unit.get("Type")).toBe("oneshot");
  expect(unit.get("Before")).toBe(unit.get("RequiredBy"));
  // It would stay active, and a restart of the app would not start it again.
  expect(unit.has("RemainAfterExit")).toBe(false);
  const [program, ...words] = unit.get("ExecStart")?.split(" ") ?? [];
  expect(program).toStartWith("/");
  expect(parsed(words)).toBe("up");
});
