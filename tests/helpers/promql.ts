import { parser } from '@prometheus-io/lezer-promql';

/** A metric in an expression, and the labels that select or group its series. */
export interface QueriedMetric {
  readonly metric: string;
  readonly labels: readonly string[];
}

type Node = ReturnType<typeof parser.parse>['topNode'];

/** Returns the metrics that a PromQL expression reads. @throws if it cannot be parsed. */
export function queriedMetrics(expression: string): readonly QueriedMetric[] {
  const text = ({ from, to }: Node) => expression.slice(from, to);
  const queried: QueriedMetric[] = [];
  /** `grouped`: the labels that the surrounding expression groups by. */
  function visit(node: Node, grouped: readonly string[]): void {
    if (node.type.isError) throw new Error(`no PromQL, at ${node.from}: ${expression}`);
    if (node.name === 'VectorSelector') {
      const name = node.getChild('Identifier');
      queried.push({ metric: name ? text(name) : '', labels: [...labelsIn(node), ...grouped] });
    }
    const within = node.name === 'AggregateExpr' ? labelsIn(node.getChild('AggregateModifier')) : grouped;
    for (let child = node.firstChild; child; child = child.nextSibling) visit(child, within);
  }
  function labelsIn(node: Node | null): string[] {
    const labels: string[] = [];
    node?.cursor().iterate(({ name, from, to }) => {
      if (name === 'LabelName') labels.push(expression.slice(from, to));
    });
    return labels;
  }
  visit(parser.parse(expression).topNode, []);
  return queried;
}
