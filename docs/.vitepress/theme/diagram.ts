import { useData } from 'vitepress';
import { defineComponent, h, onMounted, ref, watch } from 'vue';

/** The palette of style.css. */
const COLORS = {
  light: {
    background: '#ffffff',
    primaryColor: '#e6f1f1',
    primaryTextColor: '#26292e',
    primaryBorderColor: '#0b6b72',
    lineColor: '#54585f',
    edgeLabelBackground: '#ffffff',
    clusterBkg: '#f6f6f7',
    clusterBorder: '#c2c2c4',
    noteBkgColor: '#f6f6f7',
    noteTextColor: '#26292e',
    noteBorderColor: '#c2c2c4',
  },
  dark: {
    darkMode: true,
    background: '#1b1b1f',
    primaryColor: '#1d3336',
    primaryTextColor: '#e3e5e8',
    primaryBorderColor: '#67c7cc',
    lineColor: '#aeb2b9',
    edgeLabelBackground: '#1b1b1f',
    clusterBkg: '#202127',
    clusterBorder: '#3c3f44',
    noteBkgColor: '#202127',
    noteTextColor: '#e3e5e8',
    noteBorderColor: '#3c3f44',
  },
};
let count = 0;

/** Draws a Mermaid diagram, once it is in a browser; until then, and without scripts, its source is shown. */
export const Diagram = defineComponent({
  props: { source: { type: String, required: true } },
  setup(props) {
    const { isDark } = useData();
    const drawn = ref('');
    const draw = async () => {
      const { default: mermaid } = await import('mermaid');
      const natural = { useMaxWidth: false };
      mermaid.initialize({
        startOnLoad: false,
        theme: 'base',
        themeVariables: isDark.value ? COLORS.dark : COLORS.light,
        flowchart: natural,
        sequence: natural,
        state: natural,
      });
      drawn.value = readable((await mermaid.render(`diagram-${++count}`, props.source)).svg);
    };
    onMounted(draw);
    watch(isDark, draw);
    return () =>
      drawn.value === ''
        ? h('pre', { class: 'diagram' }, props.source)
        : h('div', { class: 'diagram', tabindex: 0, innerHTML: drawn.value });
  },
});

/** Shrinks to the width of the page as long as its words, of 16 px, stay above 12: what is still wider scrolls. */
function readable(svg: string): string {
  const width = Number(/^<svg[^>]* width="([\d.]+)"/.exec(svg)?.[1] ?? 0);
  return svg.replace('<svg', `<svg style="min-width: ${width * 0.8}px; max-width: 100%; height: auto"`);
}
