//! Lists the functions with a body of every Rust file below a folder as syn sees them: one JSON line a file.
use proc_macro2::Span;
use serde_json::{json, Value};
use std::path::{Path, PathBuf};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

struct Functions(Vec<Value>);

impl Functions {
    fn add(&mut self, visibility: Option<&syn::Visibility>, signature: &syn::Signature, default: Option<Span>, block: &syn::Block) {
        let visible = visibility.filter(|v| !matches!(v, syn::Visibility::Inherited)).map(|v| v.span());
        let start = [visible, default, Some(signature.span())].into_iter().flatten().map(|span| span.start().line).min();
        self.0.push(json!([signature.ident.to_string(), start, block.span().end().line]));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        self.add(Some(&node.vis), &node.sig, None, &node.block);
        visit::visit_item_fn(self, node);
    }
    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        self.add(Some(&node.vis), &node.sig, node.defaultness.map(|token| token.span()), &node.block);
        visit::visit_impl_item_fn(self, node);
    }
    fn visit_trait_item_fn(&mut self, node: &'ast syn::TraitItemFn) {
        if let Some(block) = &node.default {
            self.add(None, &node.sig, None, block);
        }
        visit::visit_trait_item_fn(self, node);
    }
}

fn main() {
    let root = PathBuf::from(std::env::args().nth(1).expect("a folder"));
    walk(&root, &root);
}

fn walk(root: &Path, folder: &Path) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(root, &path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            println!("{}", line(path.strip_prefix(root).unwrap(), &path));
        }
    }
}

fn line(name: &Path, path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    match syn::parse_file(&text) {
        Ok(file) => {
            let mut functions = Functions(Vec::new());
            functions.visit_file(&file);
            json!({ "path": name, "functions": functions.0 })
        }
        Err(error) => json!({ "path": name, "error": error.to_string() }),
    }
}
