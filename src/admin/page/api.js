// Calls of the admin API. All paths are relative, so that the page works behind a prefix too.

/** The API said no. `status` 0: it did not answer at all. */
export class ApiError extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

const PATIENCE_MS = 20000;

async function call(method, path, body) {
  const options =
      {method, cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.timeout(PATIENCE_MS), headers: {}};
  // No page of another site can send this header unasked, so a change that carries it was asked for here.
  if (method !== 'GET') options.headers['X-Weir-Request'] = '1';
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
    if (answer.status === 204) return null;
    const data = await answer.json();
    if (answer.ok) return data;
    throw new ApiError(answer.status, data.detail ?? data.title ?? `status ${answer.status}`);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (answer && !answer.ok) throw new ApiError(answer.status, `status ${answer.status}`);
    throw new ApiError(0, 'weir does not answer');
  }
}

function withQuery(path, query) {
  const wanted = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const text = new URLSearchParams(wanted).toString();
  return text ? `${path}?${text}` : path;
}

export const get = (name, query = {}) => call('GET', withQuery(`admin/${name}`, query));
export const performance = (name, query = {}) => get(`performance/${name}`, query);
export const post = (name, query = {}, body = undefined) =>
    call('POST', withQuery(`admin/performance/${name}`, query), body);

export const whoAmI = () => get('session');
export const logIn = (token) => call('POST', 'admin/session', {token});
export const logOut = () => call('DELETE', 'admin/session');
