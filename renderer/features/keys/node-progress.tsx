import type { IndexSnapshot } from '../../../shared/contract/keys.ts';
import { formatExact } from '../../lib/format.ts';
import { errorWords } from '../../lib/error-words.ts';
import classes from './keys.module.css';

/** One line a master: how much of it is walked, and what is wrong with it. */
export function NodeProgress({ nodes }: { nodes: IndexSnapshot['nodes'] }) {
  return (
    <table className={classes['nodes']}>
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col" data-number>
            Names seen
          </th>
          <th scope="col" data-number>
            Keys at start
          </th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {nodes.map((node) => (
          <tr key={node.node}>
            <td className="la-mono">{node.node}</td>
            <td data-number className="la-number">
              {formatExact(node.scanned)}
            </td>
            <td data-number className="la-number">
              {node.total === null ? 'unknown' : formatExact(node.total)}
            </td>
            <td title={node.problem?.message}>{node.problem ? errorWords[node.problem.code].title : node.done ? 'complete' : 'scanning'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
