import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonSchema } from './jsonSchema.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** A property of `contributes.configuration`. */
export interface SettingSchema extends JsonSchema {
  readonly scope?: string;
  readonly order?: number;
  readonly markdownDescription?: string;
  readonly markdownEnumDescriptions?: readonly string[];
  /** The words of VS Code for a value that is not accepted. */
  readonly errorMessage?: string;
}

interface MenuItem {
  readonly command: string;
  readonly when?: string;
}

/** The parts of package.json that VS Code reads. */
export interface Manifest {
  readonly name: string;
  readonly publisher: string;
  readonly icon: string;
  readonly capabilities: { readonly untrustedWorkspaces: { readonly supported: unknown } };
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly category: string; readonly enablement?: string }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly viewsContainers: { readonly activitybar: readonly { readonly icon: string }[] };
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string; readonly when: string }[];
    readonly configurationDefaults: Readonly<Record<string, unknown>>;
    readonly configuration: readonly {
      readonly order: number;
      readonly properties: Readonly<Record<string, SettingSchema>>;
    }[];
    readonly walkthroughs: readonly {
      readonly id: string;
      readonly icon: string;
      readonly steps: readonly {
        readonly media: { readonly svg: string };
        readonly completionEvents: readonly string[];
      }[];
    }[];
  };
}

export const manifest = readJson('package.json') as Manifest;

/** The texts of the manifest by language. */
export const manifestTexts = {
  en: readJson('package.nls.json') as Readonly<Record<string, string>>,
  'zh-cn': readJson('package.nls.zh-cn.json') as Readonly<Record<string, string>>,
};

/** The settings by name without `signalbox.`, in the order of the manifest. */
export const settingSchemas: ReadonlyMap<string, SettingSchema> = new Map(
  manifest.contributes.configuration.flatMap(({ properties }) =>
    Object.entries(properties).map(([name, schema]) => [name.replace(/^signalbox\./, ''), schema] as const),
  ),
);

/** Every string in a JSON value. */
export function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** A JSON file of the repository. */
export function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'));
}
