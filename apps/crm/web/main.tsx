document.getElementById('app')!.textContent = 'Kontor'
