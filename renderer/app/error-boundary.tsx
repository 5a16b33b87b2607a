import { Component, type ReactNode } from 'react';
import type { Problem } from '../../shared/contract/errors.ts';
import { toProblem } from '../lib/to-problem.ts';
import { ProblemView } from '../ui/problem-view.tsx';

interface ErrorBoundaryProps {
  children: ReactNode;
}

interface ErrorBoundaryState {
  problem: Problem | null;
}

/** Keeps the failure of one screen on that screen; the rest of the window goes on. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { problem: null };

  static getDerivedStateFromError(error: unknown): ErrorBoundaryState {
    const problem = toProblem(error);
    const stack = error instanceof Error ? (error.stack ?? '').slice(0, 2000) : '';
    return { problem: { ...problem, details: { ...problem.details, stack } } };
  }

  override render(): ReactNode {
    if (this.state.problem === null) return this.props.children;
    return <ProblemView problem={this.state.problem} fills retryLabel="Show the screen again" onRetry={() => this.setState({ problem: null })} />;
  }
}
