// Evaluates JSONata as its reference implementation does: an expression with its bindings on each line.
// $parse is what Step Functions adds.
const jsonata = require("jsonata");

const answers = async (line) => {
  const { expression, bindings } = JSON.parse(line);
  try {
    const parsed = jsonata(expression);
    parsed.registerFunction("parse", JSON.parse, "<s:x>");
    const value = await parsed.evaluate(undefined, bindings);
    return value === undefined ? { error: "it returned nothing" } : { value };
  } catch (error) {
    return { error: `${error.code}: ${error.message}` };
  }
};

(async () => {
  const lines = require("readline").createInterface({ input: process.stdin });
  for await (const line of lines) console.log(JSON.stringify(await answers(line)));
})();
