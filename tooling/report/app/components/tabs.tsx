interface TabsProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Value and title of each. */
  tabs: readonly (readonly [string, string])[];
}

/** A choice of one among few, as radio buttons that look like one control. */
export function Tabs({ label, value, onChange, tabs }: TabsProps) {
  return (
    <fieldset class="tabs">
      <legend class="visually-hidden">{label}</legend>
      {tabs.map(([name, title]) => (
        <label key={name}>
          <input type="radio" name={label} checked={name === value} onChange={() => onChange(name)} />
          <span>{title}</span>
        </label>
      ))}
    </fieldset>
  );
}
