import {
  ActionIcon,
  Button,
  Checkbox,
  createTheme,
  Input,
  Menu,
  Modal,
  Notification,
  Pill,
  PillsInput,
  Popover,
  Radio,
  SegmentedControl,
  Switch,
  Tabs,
  Tooltip,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core';

const accent: MantineColorsTuple = ['#eaf1ff', '#d3e3fd', '#b0ccfa', '#8ab3f8', '#6aa3ff', '#4585ee', '#2b6fe0', '#2b62cf', '#1b4fae', '#143d88'];
const red: MantineColorsTuple = ['#fdecec', '#fbd5d6', '#f5a9ac', '#ff8a80', '#ec6a6e', '#e5484d', '#d1343b', '#b4232a', '#94181f', '#741015'];

/** Mantine draws fields, chips and switches of the dark theme from these; 7 is the page, 0 the text. */
const dark: MantineColorsTuple = ['#dee1e6', '#c4c9d1', '#a3a9b3', '#8b929c', '#454b54', '#2c3037', '#212429', '#191b1f', '#16181b', '#131518'];
const gray: MantineColorsTuple = ['#f7f8f9', '#eef0f3', '#e4e7eb', '#dcdfe4', '#b9bec6', '#858c96', '#636a74', '#545b65', '#33383f', '#1b1e23'];

const control = '26px';

/** Compact: 13 px text, 26 px controls, 4 px grid. Colours come from `ui/tokens.css`. */
export const theme = createTheme({
  fontFamily: "Inter, system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "'JetBrains Mono', ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: '11px', sm: '12px', md: '13px', lg: '14px', xl: '16px' },
  lineHeights: { xs: '16px', sm: '16px', md: '20px', lg: '20px', xl: '24px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  defaultRadius: 'sm',
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '16px' }, h2: { fontSize: '14px' }, h3: { fontSize: '13px' } } },
  colors: { accent, red, dark, gray },
  primaryColor: 'accent',
  primaryShade: 7,
  focusRing: 'auto',
  cursorType: 'default',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({
      defaultProps: { size: 'compact-sm' },
      vars: () => ({ root: { '--button-height': control, '--button-fz': '13px', '--button-padding-x': '10px' } }),
      styles: { label: { fontWeight: 500 } },
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray' } }),
    Input: Input.extend({
      defaultProps: { size: 'sm' },
      vars: () => ({ wrapper: { '--input-height': control, '--input-fz': '13px', '--input-padding': '8px' } }),
    }),
    InputWrapper: Input.Wrapper.extend({ defaultProps: { labelProps: { className: 'la-label' } }, styles: { description: { fontSize: '11px', lineHeight: '15px' } } }),
    Modal: Modal.extend({
      defaultProps: { centered: true, padding: 16, transitionProps: { duration: 0 }, overlayProps: { backgroundOpacity: 0.45 }, closeButtonProps: { 'aria-label': 'Close' } },
      styles: { content: { border: '1px solid var(--la-line-strong)' }, title: { fontWeight: 600, fontSize: '14px' }, header: { minHeight: 40, paddingBottom: 8 } },
    }),
    Popover: Popover.extend({ defaultProps: { transitionProps: { duration: 0 }, shadow: 'md', withinPortal: true } }),
    Menu: Menu.extend({
      defaultProps: { transitionProps: { duration: 0 }, shadow: 'md', loop: true, withInitialFocusPlaceholder: false },
      styles: { item: { padding: '4px 8px', fontSize: '13px' }, label: { padding: '4px 8px', fontSize: '11px', color: 'var(--la-dim)' } },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { transitionProps: { duration: 0 } }, styles: { tooltip: { fontSize: '12px', lineHeight: '16px', padding: '4px 8px' } } }),
    SegmentedControl: SegmentedControl.extend({
      defaultProps: { transitionDuration: 0, withItemsBorders: false },
      styles: {
        root: { height: control, padding: '2px', border: '1px solid var(--la-line)', background: 'var(--la-ground)' },
        control: { display: 'flex' },
        label: { display: 'flex', alignItems: 'center', justifyContent: 'center', width: '100%', padding: '0 8px', fontSize: '13px', lineHeight: '20px', fontWeight: 400 },
        indicator: { background: 'var(--la-selected)', boxShadow: 'none' },
      },
    }),
    Switch: Switch.extend({ defaultProps: { size: 'xs', withThumbIndicator: false }, styles: { label: { fontSize: '13px', lineHeight: '18px', paddingLeft: '8px' } } }),
    Checkbox: Checkbox.extend({ defaultProps: { size: 'xs' }, styles: { label: { fontSize: '13px', lineHeight: '18px', paddingLeft: '8px' }, description: { marginTop: 0, paddingLeft: '8px', fontSize: '11px', lineHeight: '15px' } } }),
    Radio: Radio.extend({ defaultProps: { size: 'xs' }, styles: { label: { fontSize: '13px', lineHeight: '18px', paddingLeft: '8px' }, description: { marginTop: 0, paddingLeft: '8px', fontSize: '11px', lineHeight: '15px' } } }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close the notification' } } }),
    Pill: Pill.extend({ defaultProps: { size: 'xs' } }),
    PillsInput: PillsInput.extend({ styles: { input: { minHeight: control, paddingBlock: '2px' } } }),
    Tabs: Tabs.extend({ styles: { tab: { padding: '6px 10px', fontSize: '13px' } } }),
  },
});

const shared = {
  '--mantine-color-body': 'var(--la-panel)',
  '--input-bg': 'var(--la-ground)',
  '--mantine-color-text': 'var(--la-text)',
  '--mantine-color-dimmed': 'var(--la-dim)',
  '--mantine-color-placeholder': 'var(--la-faint)',
  '--mantine-color-anchor': 'var(--la-accent)',
  '--mantine-color-error': 'var(--la-red)',
  '--mantine-color-default': 'var(--la-raised)',
  '--mantine-color-default-hover': 'var(--la-hover)',
  '--mantine-color-default-color': 'var(--la-text)',
  '--mantine-color-default-border': 'var(--la-field-line)',
  '--mantine-color-gray-light-color': 'var(--la-dim)',
  '--mantine-color-gray-light-hover': 'var(--la-hover)',
  '--mantine-color-gray-outline': 'var(--la-dim)',
  '--mantine-color-accent-light-color': 'var(--la-accent)',
  '--mantine-color-accent-light': 'var(--la-selected)',
  '--mantine-color-accent-light-hover': 'var(--la-selected)',
  '--mantine-color-red-light-color': 'var(--la-red)',
  '--mantine-color-red-light-hover': 'var(--la-red-ground)',
  '--mantine-color-disabled-color': 'var(--la-faint)',
  '--tooltip-bg': 'var(--la-text)',
};

/** Mantine's own variables, bound to the palette. */
export const themeVariables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });
