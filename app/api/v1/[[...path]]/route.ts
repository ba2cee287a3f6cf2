// The REST API, version 1. One route for Next, and behind it one table (../routes.ts), so that no answer is missing from the document.
import { dispatch } from '../dispatch.ts';

export const GET = dispatch;
export const POST = dispatch;
export const PUT = dispatch;
export const PATCH = dispatch;
export const DELETE = dispatch;
