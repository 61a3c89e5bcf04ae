import { dashboardTexts } from '../../../src/ui/model/dashboard/dashboardTexts.ts';
import { formatsFor } from '../../../src/webview/elements/formats.ts';

/** The English texts of the dashboard, and how an American reads numbers. */
export const webviewTexts = dashboardTexts((message) => message);
export const webviewFormats = formatsFor('en', webviewTexts.units);
