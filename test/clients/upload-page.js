/** Sends a file that somebody picked to the `url` of a ticket. `onProgress` gets the part that was sent, from 0 to 1. */
export function upload(url, file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest() // fetch does not show the progress of what it sends
    request.open('PUT', url)
    request.responseType = 'json'
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total)
    request.onerror = () => reject(new Error('The connection broke off.'))
    request.onload = () => {
      if (request.status === 201) resolve(request.response.file)
      else reject(new Error(request.response.errors[0].extensions.code))
    }
    request.send(file)
  })
}
