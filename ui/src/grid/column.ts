export interface Column {
  key: string;
  label: string;
  /** A track of `grid-template-columns`. */
  width: string;
  /** Whether it holds numbers, and so is set to the right. */
  number?: boolean;
}
