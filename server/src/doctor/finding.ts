/** `look`: works now, but the operator should examine it; `wrong`: the operator must act. */
type Verdict = 'good' | 'look' | 'wrong';

/** What one check has found. */
export interface Finding {
  /** The subject, a word or two. */
  check: string;
  verdict: Verdict;
  found: string;
  /** What to do; null for what is good. */
  advice: string | null;
}

export function good(check: string, found: string): Finding {
  return { check, verdict: 'good', found, advice: null };
}

export function look(check: string, found: string, advice: string): Finding {
  return { check, verdict: 'look', found, advice };
}

export function wrong(check: string, found: string, advice: string): Finding {
  return { check, verdict: 'wrong', found, advice };
}
