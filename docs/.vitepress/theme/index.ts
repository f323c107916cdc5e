import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';

import { Diagram } from './diagram.js';
import { HomeFigures } from './home-figures.js';
import './style.css';

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => void app.component('HomeFigures', HomeFigures).component('Diagram', Diagram),
};
export default theme;
